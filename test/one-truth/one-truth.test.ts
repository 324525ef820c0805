/** One rule in every dialect that can say it gives one verdict on every object; a dialect that is wrong is noticed. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonMap } from '../../src/model/index.ts';
import {
  type AdmissionRequest,
  compilePolicies,
  convertPolicy,
  createEvaluator,
  DEFAULT_SETTINGS,
  type Evaluator,
} from '../../src/policy/index.ts';
import { createDiscovery, createSchemas } from '../../src/sources/index.ts';
import { createRandom, type Random } from '../cel/generator/random.ts';
import { documentsOf, paramsOf, resourceOf } from './documents.ts';
import { objectOf } from './objects.ts';
import { DIALECTS, type DialectName, RULES, type RuleCase } from './rules.ts';

const MINOR = DEFAULT_SETTINGS['kubernetes.version'];
const discovery = createDiscovery(MINOR);
const schemas = createSchemas(MINOR);
const NAMESPACES = [
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop', labels: { team: 'a' } } },
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'prod' } },
].map(resourceOf);
const REQUESTS = 300;

function evaluatorOf(rule: RuleCase, dialect: DialectName, change = (text: string) => text): Evaluator {
  const expression = change(rule.own?.[dialect] ?? rule.expression);
  const set = compilePolicies(documentsOf(rule, dialect, expression));
  assert.deepEqual(set.problems, [], `${rule.name} in ${dialect}`);
  const objects = [...NAMESPACES, ...paramsOf(rule)];
  return createEvaluator(set, { discovery, schemas, objects, complete: true }, { passes: true, skips: true });
}

function requestFor(rule: RuleCase, random: Random): AdmissionRequest {
  const { group, version, kind, resource } = rule.kind;
  const apiVersion = group === '' ? version : `${group}/${version}`;
  const schema = schemas.ofKind(apiVersion, kind)!;
  const object = objectOf(schema, apiVersion, kind, random);
  const { name, namespace } = object['metadata'] as { name: string; namespace: string };
  const before = objectOf(schema, apiVersion, kind, random);
  const operation = random.pick(['CREATE', 'UPDATE'] as const);
  return {
    operation: rule.subresource === undefined ? operation : 'UPDATE',
    kind: { group, version, kind },
    resource: { group, version, resource },
    subresource: rule.subresource ?? '',
    name,
    namespace,
    userInfo: { username: 'ann' },
    dryRun: false,
    options: null,
    object,
    oldObject:
      operation === 'CREATE'
        ? null
        : { ...before, metadata: { ...(before['metadata'] as JsonMap), name, namespace } },
    ref: { apiVersion, kind, namespace, name },
  };
}

/** Nothing at all is what a policy says that does not concern the request. */
function verdictOf(evaluator: Evaluator, request: AdmissionRequest): string {
  const verdicts = evaluator.findings(request).map(({ verdict }) => verdict);
  return verdicts.length === 0 ? 'skip' : [...new Set(verdicts)].join();
}

function dialectsOf({ cannot }: RuleCase): readonly DialectName[] {
  return DIALECTS.filter((dialect) => cannot?.[dialect] === undefined);
}

function seedOf({ name }: RuleCase): number {
  return [...name].reduce((seed, letter) => seed * 31 + letter.codePointAt(0)!, 7);
}

test('there are enough rules, and every dialect says most of them', () => {
  assert.ok(RULES.length >= 25);
  for (const dialect of DIALECTS)
    assert.ok(RULES.filter((rule) => dialectsOf(rule).includes(dialect)).length >= 22, dialect);
});

let compared = 0;
for (const rule of RULES)
  test(`${rule.name}: one verdict in ${dialectsOf(rule).length} dialects`, () => {
    const random = createRandom(seedOf(rule));
    const evaluators = dialectsOf(rule).map((dialect) => [dialect, evaluatorOf(rule, dialect)] as const);
    const seen = new Set<string>();
    for (let i = 0; i < REQUESTS; i++) {
      const request = requestFor(rule, random);
      const verdicts = evaluators.map(([dialect, evaluator]) => [dialect, verdictOf(evaluator, request)]);
      const [, first] = verdicts[0]!;
      seen.add(first!);
      compared += verdicts.length - 1;
      const expected = verdicts.map(([dialect]) => [dialect, first]);
      assert.deepEqual(verdicts, expected, JSON.stringify(request.object));
    }
    assert.ok(seen.has('pass') && (seen.has('violation') || seen.has('error')), `only ${[...seen].join()}`);
  });

test('a dialect that is wrong is noticed', () => {
  for (const dialect of DIALECTS) {
    const rule = RULES.find((one) => one.name === 'no-host-network')!;
    const right = evaluatorOf(rule, dialect === 'native' ? 'vap' : 'native');
    const mutant = evaluatorOf(rule, dialect, (text) => `${text} || object.metadata.name == 'db'`);
    const random = createRandom(seedOf(rule));
    const requests = Array.from({ length: REQUESTS }, () => requestFor(rule, random));
    assert.ok(
      requests.some((request) => verdictOf(right, request) !== verdictOf(mutant, request)),
      dialect,
    );
  }
});

for (const target of ['vap', 'native'] as const)
  test(`what is converted to ${target} says the same`, () => {
    const refused: string[] = [];
    let converted = 0;
    for (const rule of RULES)
      for (const dialect of dialectsOf(rule)) {
        const documents = documentsOf(rule, dialect, rule.own?.[dialect] ?? rule.expression);
        const set = compilePolicies(documents);
        const [policy] = set.policies;
        const objects = [...NAMESPACES, ...paramsOf(rule)];
        const own = documents.find(({ origin }) => origin === policy!.origin)!;
        const options = { settings: DEFAULT_SETTINGS, discovery, objects };
        const conversion = convertPolicy(policy!, own.object, target, options);
        if ('refused' in conversion) {
          refused.push(`${rule.name} from ${dialect}: ${conversion.refused}`);
          continue;
        }
        converted++;
        const context = { discovery, schemas, objects, complete: true };
        const before = createEvaluator(set, context, { passes: true, skips: true });
        const after = createEvaluator(compilePolicies(conversion.documents.map(resourceOf)), context, {
          passes: true,
          skips: true,
        });
        const random = createRandom(seedOf(rule));
        for (let i = 0; i < 40; i++) {
          const request = requestFor(rule, random);
          // Whether a policy is not asked or leaves the request by a condition is one thing.
          const left = verdictOf(before, request);
          const right = verdictOf(after, request);
          assert.equal(right, left, `${rule.name} from ${dialect}: ${JSON.stringify(request)}`);
        }
      }
    assert.ok(converted > 100, refused.join('\n'));
    assert.ok(refused.length < 20, refused.join('\n'));
  });

test('how much was compared', (t) => {
  t.diagnostic(`${compared} verdicts compared with the first dialect's, 0 differ`);
  assert.ok(compared > 10_000);
});
