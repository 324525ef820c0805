/** Random questions for the comparison of evaluators. */

import type { Value } from '../../src/cel/index.ts';
import type { TableAuthorizer } from './authorizer.ts';
import { generateExpression } from './generator/expressions.ts';
import { generateObject } from './generator/objects.ts';
import type { Random } from './generator/random.ts';
import { CORE, EXTENDED, KUBERNETES, type Templates } from './generator/templates.ts';
import type { Question } from './subject.ts';

const TYPES = [
  ...['bool', 'bool', 'dyn', 'int', 'string', 'double', 'uint', 'bytes', 'duration', 'timestamp', 'any'],
  ...[
    'list:int',
    'list:string',
    'list:dyn',
    'map:int',
    'optional',
    'quantity',
    'ip',
    'cidr',
    'semver',
    'url',
  ],
];

export const AUTHORIZER: TableAuthorizer = {
  user: 'alice',
  resource: {
    group: 'apps',
    version: 'v1',
    resource: 'deployments',
    subresource: '',
    namespace: 'default',
    name: 'web',
  },
  answers: {
    'alice get /healthz': { decision: 'allow', reason: 'everybody may' },
    'alice create apps/deployments/ default/web': { decision: 'allow' },
    'alice get a/pods/ /': { decision: 'deny', reason: 'no', error: 'webhook: timeout' },
    'system:serviceaccount:default:a get /pods/ default/': { decision: 'allow', reason: 'bound' },
  },
};

const REQUEST: Value = {
  operation: 'CREATE',
  kind: { group: 'apps', version: 'v1', kind: 'Deployment' },
  userInfo: { username: 'alice', groups: ['a', 'system:authenticated'], extra: { k: ['v'] } },
  dryRun: false,
  options: null,
};

const NAMESPACE: Value = { metadata: { name: 'default', labels: { a: 'b' } } };

const ALL: readonly Templates[] = [CORE, EXTENDED, KUBERNETES];

/** The latest Kubernetes minor that the Go modules know. */
export const LATEST_MINOR = 37;

export function generateQuestion(random: Random, templates: readonly Templates[] = ALL): Question {
  const expression = generateExpression(random, random.pick(TYPES), {
    templates,
    depth: 1 + random.below(4),
    mistyped: random.pick([0, 0, 0.03, 0.1]),
  });
  const isNew = random.chance(0.15);
  return {
    expression,
    variables: {
      object: generateObject(random),
      ...(random.chance(0.7) && { request: REQUEST }),
      ...(random.chance(0.7) && { namespaceObject: NAMESPACE }),
    },
    minor: isNew ? 26 + random.below(LATEST_MINOR - 25) : LATEST_MINOR,
    mode: isNew ? 'new' : 'stored',
    authorizer: AUTHORIZER,
    ...(random.chance(0.1) && { limit: 1 + random.below(80) }),
  };
}
