/** The fields of MatchResources (admissionregistration.k8s.io/v1), which native policies share. */
import { choice, type Infer, list, mapOf, object, text } from '../shape/shape.ts';

export const labelSelectorShape = object('A label selector; empty selects everything.', {
  matchLabels: mapOf(text('Value the label must have.'), 'Labels that must be there with these values.'),
  matchExpressions: list(
    object(
      'One requirement.',
      {
        key: text('The label.'),
        operator: text('In, NotIn, Exists or DoesNotExist.'),
        values: list(text('A value.'), 'For In and NotIn.'),
      },
      ['key', 'operator'],
    ),
    'Requirements that must all hold.',
  ),
});

const ruleFields = {
  apiGroups: list(text('API group; empty is the core group, `*` is all.'), 'API groups.'),
  apiVersions: list(text('API version; `*` is all.'), 'API versions.'),
  resources: list(
    text('Plural resource: `pods`, `pods/status`, `pods/*`, `*`, `*/scale`, `*/*`.'),
    'Resources and subresources. A rule on `pods` says nothing of `pods/status`.',
  ),
  operations: list(text('CREATE, UPDATE, DELETE, CONNECT or `*`.'), 'Operations.'),
  scope: text('Cluster, Namespaced or `*` (default).'),
  resourceNames: list(text('A name.'), 'Names the rule is limited to; empty is all.'),
};

const rules = (doc: string) => list(object('One rule.', ruleFields), doc);

export const matchResourcesShape = object('Which requests are meant.', {
  resourceRules: rules('Resources and operations; any rule that fits.'),
  excludeResourceRules: rules('Resources and operations to leave out; stronger than resourceRules.'),
  namespaceSelector: labelSelectorShape,
  objectSelector: labelSelectorShape,
  matchPolicy: text(
    'Equivalent (default): other versions of a kind are meant too. Exact: only what the rules name.',
  ),
});

export const paramKindShape = object('Kind of the parameter objects.', {
  apiVersion: text('`group/version`.'),
  kind: text('Kind.'),
});

export type ParamKindSource = Infer<typeof paramKindShape>;

export const failurePolicyShape = choice(
  ['Fail', 'Ignore'],
  'What an evaluation that failed means for the request: Fail (default) denies it, Ignore lets it pass.',
);
