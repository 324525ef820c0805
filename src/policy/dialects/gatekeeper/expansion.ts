/** ExpansionTemplates (expansion.gatekeeper.sh): what workloads make, seen before they make it. */
import type { Resource } from '../../../model/index.ts';
import type { Expansion, ValidationAction } from '../../form.ts';
import { read } from '../../shape/read.ts';
import { list, object, open, text } from '../../shape/shape.ts';
import { type DocumentFault, error, ofShape } from '../fault.ts';
import { notOneOf } from '../vap/validate-match.ts';

const shape = object(
  'An ExpansionTemplate.',
  {
    apiVersion: text('expansion.gatekeeper.sh/v1beta1 or v1alpha1.'),
    kind: text('ExpansionTemplate.'),
    metadata: open('Object metadata.', { name: text('Name.') }),
    spec: object('The template.', {
      applyTo: list(
        object('Kinds.', {
          groups: list(text('API group.'), 'API groups.'),
          versions: list(text('API version.'), 'API versions.'),
          kinds: list(text('Kind.'), 'Kinds.'),
        }),
        'What makes others.',
      ),
      templateSource: text('Path of the template: `spec.template`.'),
      generatedGVK: object('What is made.', {
        group: text('API group.'),
        version: text('API version.'),
        kind: text('Kind.'),
      }),
      enforcementAction: text('Action of violations of what is made; empty: the constraint’s.'),
    }),
    status: open('Written by the cluster.', {}),
  },
  ['metadata', 'spec'],
);

const ACTIONS: Readonly<Record<string, ValidationAction>> = { deny: 'Deny', warn: 'Warn', dryrun: 'Audit' };
const MAX_NAME = 63;

export function loadExpansion(resource: Resource): { value?: Expansion; faults: DocumentFault[] } {
  const { value, issues } = read(shape, resource.object);
  const faults = issues.map((issue) => ofShape(issue, 'error'));
  if (faults.length > 0) return { faults };
  const { metadata, spec } = value;
  const { applyTo = [], templateSource = '', generatedGVK = {}, enforcementAction = '' } = spec;
  const name = metadata.name ?? '';
  const { group = '', version = '', kind = '' } = generatedGVK;
  if (name === '' || name.length > MAX_NAME)
    faults.push(error('/metadata/name', `A name of at most ${MAX_NAME} characters is required.`));
  if (templateSource === '')
    faults.push(error('/spec/templateSource', 'The path of the template is required.'));
  if (kind === '' || version === '')
    faults.push(error('/spec/generatedGVK', 'Version and kind of what is made are required.'));
  if (applyTo.length === 0) faults.push(error('/spec/applyTo', 'At least one entry is required.'));
  if (enforcementAction !== '' && !Object.hasOwn(ACTIONS, enforcementAction))
    faults.push(notOneOf('/spec/enforcementAction', enforcementAction, Object.keys(ACTIONS)));
  const expansion: Expansion = {
    name,
    applyTo: applyTo.map(({ groups = [], versions = [], kinds = [] }) => ({ groups, versions, kinds })),
    source: templateSource.split('.'),
    generated: { group, version, kind },
    action: ACTIONS[enforcementAction] ?? null,
  };
  if (expansion.applyTo.some((entry) => appliesTo(entry, expansion.generated)))
    faults.push(error('/spec/applyTo', 'The template applies to what it makes itself.'));
  return faults.length > 0 ? { faults } : { value: expansion, faults };
}

export function appliesTo(
  { groups, versions, kinds }: Expansion['applyTo'][number],
  { group, version, kind }: Expansion['generated'],
): boolean {
  return groups.includes(group) && versions.includes(version) && kinds.includes(kind);
}
