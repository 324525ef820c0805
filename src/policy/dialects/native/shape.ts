/** HardeningPolicy: the field names of ValidatingAdmissionPolicy, plus what a library of checks needs. */
import { SEVERITIES } from '../../../model/index.ts';
import { cel, choice, type Infer, list, mapOf, object, oneOf, open, prose, text } from '../../shape/shape.ts';
import { failurePolicyShape, matchResourcesShape } from '../match-shape.ts';
import { relatedShape } from './related.ts';

const when = mapOf(
  text('Versions, e.g. `>=1.19 <1.25`; a space is AND.'),
  'Setting → range of versions. Decided once, when the policy is loaded.',
);

/** What a policy can be about. Only `kubernetes` is evaluated by this version. */
const TARGETS = [
  'kubernetes',
  'terraform',
  'cloudformation',
  'dockerfile',
  'github-actions',
  'gitlab-ci',
  'iam',
  'endpoint',
] as const;

const spec = object(
  'The policy.',
  {
    title: text('What it is about: a short noun phrase.'),
    severity: choice(SEVERITIES, 'How bad a violation is.'),
    layer: text('Layer of the environment: kubernetes, network, cloud, …'),
    owner: text('Team that answers for the policy.'),
    description: prose('What is forbidden and what is allowed, field by field.'),
    remediation: prose('What to change.'),
    frameworks: mapOf(
      oneOf(
        [
          list(text('Id of a control.'), 'Ids.'),
          object('Ids that hold for some versions only.', {
            ids: list(text('Id of a control.'), 'Ids.'),
            when,
          }),
        ],
        'Ids of the controls the policy implements.',
      ),
      'Framework → ids.',
    ),
    sets: list(text('Name of a set.'), 'Ready-made selections the policy belongs to.'),
    equivalents: list(
      text('As the peer prints it: CKV_K8S_16, KSV-0017, C-0057.'),
      'Checks of peers that ask the same as all validations.',
    ),
    narrower: list(
      text('As in spec.equivalents.'),
      'Those of the equivalents, here and in validations, that ask for a part only: who skips one has not skipped the rest.',
    ),
    deprecation: object('Set when the policy is to go: catalogues and scans say so.', {
      replacedBy: text('Id of the policy to use instead.'),
      removal: text('The day it goes: YYYY-MM-DD.'),
    }),
    conceal: { type: 'boolean', doc: 'Its findings point at secrets: reports do not show the value.' },
    target: choice(TARGETS, 'What is checked; default kubernetes.'),
    pods: object(
      'Evaluates the policy on every pod template an object carries: Pod, PodTemplate, ReplicationController, ReplicaSet, Deployment, StatefulSet, DaemonSet, Job, CronJob. Expressions also see `pod` and `containers`.',
      {
        controllers: oneOf(
          [
            choice(['all', 'none'], 'All of them (default), or Pods only.'),
            list(text('`deployments.v1.apps`.'), 'These and Pods.'),
          ],
          'Which controllers are meant beside Pods, in every version they were ever served in.',
        ),
      },
    ),
    matchConstraints: matchResourcesShape,
    matchConditions: list(
      object('A condition.', { name: text('Name.'), expression: cel('Boolean expression.') }, [
        'name',
        'expression',
      ]),
      'Conditions a resource must meet beside the rules; at most 64.',
    ),
    failurePolicy: failurePolicyShape,
    related: relatedShape,
    variables: list(
      object('A variable.', { name: text('CEL identifier.'), expression: cel('Expression of any type.') }, [
        'name',
        'expression',
      ]),
      'Lazily evaluated; an expression sees the variables above it.',
    ),
    validations: list(
      object(
        'A validation.',
        {
          name: text('Name in results and of its failing test case.'),
          when,
          expression: cel('Boolean expression; false is a violation.'),
          message: text('Message of the violation, one line.'),
          messageExpression: cel('String expression that gives the message; `message` is the fallback.'),
          at: cel('Path expression: where the finding points. Default: the deepest field that decided.'),
          equivalents: list(
            text('As in spec.equivalents.'),
            'Checks of peers that ask this validation alone.',
          ),
        },
        ['expression'],
      ),
      'All must hold.',
    ),
  },
  ['title', 'severity', 'validations'],
);

export const nativeShape = object(
  'A policy of Rampart.',
  {
    apiVersion: choice(['rampart.dev/v1'], 'rampart.dev/v1.'),
    kind: choice(['HardeningPolicy'], 'HardeningPolicy.'),
    metadata: open('Object metadata.', { name: text('Id of the policy; the name of its folder.') }, ['name']),
    spec,
    status: open('Written by the cluster.', {}),
  },
  ['apiVersion', 'kind', 'metadata', 'spec'],
);

export type NativeSource = Infer<typeof nativeShape>;
export type NativeSpec = NativeSource['spec'];
