/** Kyverno's test suites (cli.kyverno.io/v1alpha1 Test) and what they name. Source: kyverno cmd/cli apis/v1alpha1. */
import { type Infer, list, mapOf, object, open, text } from '../../../shape/shape.ts';

const header = {
  apiVersion: text('cli.kyverno.io/v1alpha1.'),
  kind: text('Kind.'),
  metadata: open('Metadata.', { name: text('Name.') }),
};

const any = (doc: string) => ({ type: 'any', doc }) as const;
const flag = (doc: string) => ({ type: 'boolean', doc }) as const;
const paths = (doc: string) => list(text('File or folder.'), doc);

const valuesFields = {
  globalValues: open('Values of variables, for every policy.', {}),
  policies: list(open('Values for one policy.', { name: text('Name.') }), 'Values by policy.'),
  namespaceSelector: list(
    object('A namespace.', { name: text('Name.'), labels: mapOf(text('Value.'), 'Labels.') }, ['name']),
    'Labels of namespaces.',
  ),
  namespaces: list(open('A Namespace.', {}), 'Namespaces.'),
  subresources: list(
    object('A subresource.', {
      subresource: open('The subresource.', {
        name: text('`pods/exec`.'),
        kind: text('Kind.'),
        group: text('Group.'),
        version: text('Version.'),
      }),
      parentResource: open('Its resource.', {
        name: text('Plural.'),
        kind: text('Kind.'),
        group: text('Group.'),
        version: text('Version.'),
      }),
    }),
    'Which kinds are subresources of which.',
  ),
};

export const valuesShape = object('Values.', { ...header, ...valuesFields });
export type Values = Infer<typeof valuesShape>;

export const userInfoShape = object('Who asks.', {
  ...header,
  roles: list(text('Role.'), 'Roles.'),
  clusterRoles: list(text('Role.'), 'Cluster roles.'),
  userInfo: object('The user.', {
    username: text('Name.'),
    uid: text('Id.'),
    groups: list(text('Group.'), 'Groups.'),
    extra: mapOf(list(text('Value.'), 'Values.'), 'More.'),
  }),
  synchronize: flag('Whether it is a dry run.'),
});

export const contextShape = object('Answers of a cluster and of registries.', {
  ...header,
  spec: object('Answers.', {
    resources: list(open('An object.', {}), 'Objects of the cluster.'),
    images: list(open('An image.', { image: text('Reference.') }), 'What a registry says of images.'),
  }),
});

export const clusterResourceShape = object('What a cluster holds.', {
  ...header,
  spec: object('Contents.', {
    crds: paths('Files of CustomResourceDefinitions.'),
    resources: list(open('An object.', {}), 'Objects of the cluster.'),
  }),
});

const result = object(
  'An expected result.',
  {
    policy: text('Name, or `namespace/name`.'),
    rule: text('Name of the rule; kinds without rules have none.'),
    result: text('pass, fail, warn, error or skip.'),
    kind: text('Kind of the resources.'),
    resources: list(text('`name` or `namespace/name`.'), 'The resources; none: all.'),
    resourceSpecs: list(
      object('A resource.', {
        group: text('Group.'),
        version: text('Version.'),
        kind: text('Kind.'),
        namespace: text('Namespace.'),
        subresource: text('Subresource.'),
        name: text('Name.'),
      }),
      'The resources, spelt out.',
    ),
    resource: text('One resource (former spelling).'),
    operation: text('CREATE, UPDATE or DELETE.'),
    patchedResources: text('File with the objects as they must be.'),
    patchedResource: text('The same (former spelling).'),
    generatedResource: text('File with what must be generated.'),
    generatedResources: paths('Files with what must be generated.'),
    cloneSourceResource: text('File with what is cloned.'),
    failOnMissingResources: flag('Whether an expected object that is missing is a failure.'),
    isValidatingAdmissionPolicy: flag('Says of which kind the policy is.'),
    isMutatingAdmissionPolicy: flag('Says of which kind the policy is.'),
    isValidatingPolicy: flag('Says of which kind the policy is.'),
    isMutatingPolicy: flag('Says of which kind the policy is.'),
    isDeletingPolicy: flag('Says of which kind the policy is.'),
    isImageValidatingPolicy: flag('Says of which kind the policy is.'),
    isGeneratingPolicy: flag('Says of which kind the policy is.'),
  },
  ['policy', 'result'],
);
export type ExpectedResult = Infer<typeof result>;

const apiCallResponse = object('What an HTTP call answers.', {
  url: text('Address.'),
  urlPath: text('Path in the cluster.'),
  method: text('GET or POST; empty: either.'),
  response: object('The answer.', { statusCode: { type: 'integer' }, body: any('Body.') }),
});

const globalContextEntry = object(
  'What an entry of the global context holds.',
  {
    name: text('Name.'),
    data: any('Contents.'),
    resources: list(any('An object.'), 'Objects.'),
    resourceFiles: paths('Files of objects.'),
    fieldPath: text('Path of the part that counts.'),
    projections: list(
      object('A part by name.', { name: text('Name.'), path: text('Path.') }),
      'Parts by name.',
    ),
  },
  ['name'],
);
export type GlobalContextEntry = Infer<typeof globalContextEntry>;

export const testShape = object('A test.', {
  ...header,
  name: text('Name (former spelling).'),
  policies: paths('Policies.'),
  resources: paths('Resources.'),
  targetResources: paths('Resources that policies change.'),
  paramResources: paths('Parameters.'),
  clusterResources: paths('Contents of the cluster.'),
  exceptions: paths('PolicyExceptions.'),
  variables: text('File of values.'),
  values: object('Values.', valuesFields),
  userinfo: text('File that says who asks.'),
  context: text('File of answers.'),
  jsonPayload: text('File of JSON (former spelling).'),
  jsonPayloads: paths('Files of JSON.'),
  httpPayloads: paths('HTTP requests.'),
  envoyPayloads: paths('Requests of Envoy.'),
  apiCallResponses: list(apiCallResponse, 'Answers of HTTP calls.'),
  globalContextEntries: list(globalContextEntry, 'The global context.'),
  results: list(result, 'Expected results.'),
});
export type Suite = Infer<typeof testShape>;
