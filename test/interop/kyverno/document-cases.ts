/** ValidatingPolicies on JSON documents that are no requests, and such documents. */
import { type Case, type CaseOptions, celPolicy } from './cases.ts';
import { documentsOf, type JsonMap } from './resources.ts';

const onDocuments = (about: string, spec: string, options: CaseOptions = {}): Case =>
  celPolicy(about, 'ValidatingPolicy', `  evaluation: {mode: JSON}\n${spec}`, options);

const condition = (expression: string) => `  matchConditions: [{name: c, expression: "${expression}"}]\n`;
const validation = (expression: string, message = 'no') =>
  `  validations: [{expression: "${expression}", message: "${message}"}]`;

export const DOCUMENT_CASES: readonly Case[] = [
  onDocuments('a field', validation("object.name == 'app'")),
  onDocuments('a field that may not be there', validation("object.?name.orValue('') == 'app'")),
  onDocuments('a number', validation('object.count > 1')),
  onDocuments('a condition', condition('has(object.name)') + validation("object.name == 'app'")),
  onDocuments('a condition that errs', condition("object.name == 'app'") + validation('has(object.count)')),
  onDocuments(
    'a condition that errs under Ignore',
    `  failurePolicy: Ignore\n${condition("object.name == 'app'")}${validation('has(object.count)')}`,
  ),
  onDocuments(
    'variables',
    `  variables: [{name: n, expression: object.count + 1}]\n${validation('variables.n > 3')}`,
  ),
  onDocuments(
    'a variable that is not read',
    `  variables: [{name: n, expression: object.nothing}]\n${validation('has(object.name)')}`,
  ),
  onDocuments(
    'a message that is made',
    `  validations: [{expression: "has(object.steps)", messageExpression: "'only ' + object.name"}]`,
  ),
  onDocuments(
    'two validations',
    `  validations: [{expression: has(object.name), message: a}, {expression: has(object.count), message: b}]`,
  ),
  onDocuments(
    'lists and maps',
    validation("object.?steps.orValue([]).all(s, s.?uses.orValue('').startsWith('a'))"),
  ),
  onDocuments('what there is beside the object', validation('type(object) == map')),
  onDocuments('the request', validation("request.operation == 'CREATE'")),
  onDocuments('the old object', validation('oldObject == null')),
  onDocuments('the namespace', validation('namespaceObject == null')),
  onDocuments(
    'annotations for the audit',
    `${validation('has(object.name)')}\n  auditAnnotations: [{key: k, valueExpression: "string(object.name)"}]`,
  ),
  onDocuments('an exception', validation('has(object.count)'), {
    exceptions: { e: '  matchConditions: [{name: c, expression: "has(object.name)"}]' },
  }),
  onDocuments('values', validation('object.?name.orValue(string(1)) in exceptions.allowedValues'), {
    exceptions: { e: '  allowedValues: [app, tool]' },
  }),
  onDocuments(
    'constraints besides',
    `  matchConstraints: {resourceRules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}]}\n${validation('has(object.name)')}`,
  ),
  onDocuments('images', validation("image('nginx:1').tag() == object.tag")),
];

export const DOCUMENTS: readonly JsonMap[] = documentsOf(`
name: app
count: 3
---
name: tool
count: 1
tag: "1"
---
name: null
count: 2
---
{}
---
name: [app]
steps: [{uses: a/b}, {uses: c}]
---
name: app
count: "3"
steps: [{uses: a/b}, {run: ls}]
---
apiVersion: v1
kind: Pod
metadata: {name: app, namespace: gone}
name: app
`);
