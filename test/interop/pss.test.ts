/**
 * The library's Pod Security Standards against k8s.io/pod-security-admission itself: which controls each level runs, and
 * what each control says of generated pods, for every version of the standards.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import type { JsonMap, Resource } from '../../src/model/index.ts';
import {
  type CompiledPolicy,
  compilePolicies,
  createEvaluator,
  DEFAULT_SETTINGS,
  type EvaluationContext,
} from '../../src/policy/index.ts';
import { createDiscovery, createSchemas, readManifest } from '../../src/sources/index.ts';
import { interop, skipWithoutGo } from './interop.ts';
import { generatePods } from './pss-pods.ts';

const LIBRARY = join(import.meta.dirname, '../../library/policies/kubernetes/pod-security');
const LEVELS = ['baseline', 'restricted'] as const;
const LAST_MINOR = DEFAULT_SETTINGS['pss.version'];
const MINORS = Array.from({ length: LAST_MINOR + 1 }, (_, minor) => minor);

/** How many pods are compared for every version. More find nothing that these do not; raise it to be sure. */
const PODS = Number(process.env['RAMPART_PSS_PODS'] ?? 1000);

type Level = (typeof LEVELS)[number];
type Step = { since: number } & Record<Level, string[]>;
interface Answer {
  error?: string;
  absent?: boolean;
  forbidden?: Step[];
  panic?: string;
}

/** Ids of controls, per level. */
type Controls = Record<Level, string[]>;

let documents: Resource[];
let context: EvaluationContext;

before(() => {
  documents = readdirSync(LIBRARY).flatMap((folder) => {
    const file = join(LIBRARY, folder, 'policy.yaml');
    return [...readManifest(readFileSync(file), { file, named: true }).resources];
  });
  const minor = DEFAULT_SETTINGS['kubernetes.version'];
  context = { discovery: createDiscovery(minor), schemas: createSchemas(minor) };
});

test('each level runs the controls that pod security admission runs, for every version', {
  skip: skipWithoutGo,
}, async () => {
  const [steps] = await interop<Step[]>('pss-controls', [{}]);
  for (const minor of MINORS) {
    assert.deepEqual(controlsOf(policiesAt(minor)), controlsAt(steps as Step[], minor), `v1.${minor}`);
  }
});

test('the last version known is the last one of pod security admission', {
  skip: skipWithoutGo,
}, async () => {
  const [steps] = await interop<Step[]>('pss-controls', [{}]);
  assert.ok((steps as Step[]).every(({ since }) => since <= LAST_MINOR));
});

test('generated pods get the verdict of pod security admission from every control, for every version', {
  skip: skipWithoutGo,
}, async (t) => {
  const objects = generatePods(20260, PODS);
  const answers = await interop<Answer>('pss', objects);
  const compared = { pods: 0, verdicts: 0, forbidden: 0 };
  for (const minor of MINORS) {
    const policies = policiesAt(minor);
    const evaluator = createEvaluator({ policies }, context);
    for (const [i, object] of objects.entries()) {
      const answer = answers[i] as Answer;
      assert.equal(answer.error ?? answer.panic, undefined, 'the generator makes objects that decode');
      const expected = answer.absent === true ? { baseline: [], restricted: [] } : forbiddenAt(answer, minor);
      const findings = evaluator.scan(resourceOf(object as JsonMap));
      const violated = new Set<string>();
      for (const { policy, verdict, detail } of findings) {
        assert.equal(verdict, 'violation', `${policy}: ${detail}`);
        violated.add(policy as string);
      }
      const actual = controlsOf(policies.filter(({ id }) => violated.has(id)));
      if (!same(actual, expected)) {
        assert.deepEqual(actual, expected, `v1.${minor} differs on ${JSON.stringify(object)}`);
      }
      compared.verdicts += policies.length;
      compared.forbidden += violated.size;
    }
    compared.pods = objects.length;
  }
  t.diagnostic(
    `${compared.pods} pods × ${MINORS.length} versions: ${compared.verdicts} verdicts equal, ${compared.forbidden} of them violations`,
  );
});

test('every control both allows and forbids a fair part of the generated pods', {
  skip: skipWithoutGo,
}, async () => {
  const objects = generatePods(20260, PODS);
  const answers = await interop<Answer>('pss', objects);
  const [steps] = await interop<Step[]>('pss-controls', [{}]);
  const forbidden = new Map<string, number>();
  for (const answer of answers) {
    const ids = new Set(
      (answer.forbidden ?? []).flatMap(({ baseline, restricted }) => [...baseline, ...restricted]),
    );
    for (const id of ids) forbidden.set(id, (forbidden.get(id) ?? 0) + 1);
  }
  const ids = new Set((steps as Step[]).flatMap(({ baseline, restricted }) => [...baseline, ...restricted]));
  for (const id of ids) {
    const share = (forbidden.get(id) ?? 0) / objects.length;
    assert.ok(share > 0.02 && share < 0.9, `${id} forbids ${(share * 100).toFixed(1)} %`);
  }
});

test('what typed decoding reads as a zero value never passes where pod security admission forbids', {
  skip: skipWithoutGo,
}, async () => {
  const specs = [
    { containers: [null] },
    { containers: [{ name: 'a' }], ephemeralContainers: [null] },
    { volumes: [null] },
    { containers: [{ name: 'a', securityContext: { capabilities: { drop: [null], add: [null] } } }] },
    { securityContext: { sysctls: [null] } },
    { containers: [{ name: 'a', ports: [null, { hostPort: 80 }] }] },
  ];
  const objects = specs.map((spec) => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' }, spec }));
  const answers = await interop<Answer>('pss', objects);
  for (const minor of [0, 18, 24, LAST_MINOR]) {
    const policies = policiesAt(minor);
    const evaluator = createEvaluator({ policies }, context);
    for (const [i, object] of objects.entries()) {
      const objected = new Set(evaluator.scan(resourceOf(object)).map(({ policy }) => policy));
      const passed = controlsOf(policies.filter(({ id }) => !objected.has(id)));
      const expected = forbiddenAt(answers[i] as Answer, minor);
      for (const level of LEVELS) {
        const missed = expected[level].filter((id) => passed[level].includes(id));
        assert.deepEqual(missed, [], `v1.${minor} on ${JSON.stringify(object.spec)}`);
      }
    }
  }
});

function policiesAt(minor: number): readonly CompiledPolicy[] {
  const set = compilePolicies(documents, { settings: { ...DEFAULT_SETTINGS, 'pss.version': minor } });
  assert.deepEqual(set.problems, []);
  return set.policies;
}

function controlsOf(policies: readonly CompiledPolicy[]): Controls {
  const idsOf = (level: Level) =>
    policies.flatMap(({ info }) => info.frameworks?.[`pss-${level}`] ?? []).sort();
  return { baseline: idsOf('baseline'), restricted: idsOf('restricted') };
}

function controlsAt(steps: readonly Step[], minor: number): Controls {
  const step = steps.findLast(({ since }) => since <= minor);
  return { baseline: step?.baseline ?? [], restricted: step?.restricted ?? [] };
}

function forbiddenAt(answer: Answer, minor: number): Controls {
  return controlsAt(answer.forbidden ?? [], minor);
}

function same(a: Controls, b: Controls): boolean {
  return LEVELS.every(
    (level) => a[level].length === b[level].length && a[level].every((id, i) => id === b[level][i]),
  );
}

function resourceOf(object: JsonMap): Resource {
  const { apiVersion, kind, metadata } = object as {
    apiVersion: string;
    kind: string;
    metadata: { name: string };
  };
  return {
    ref: { apiVersion, kind, namespace: 'a', name: metadata.name },
    object,
    origin: { file: 'generated.json', document: 0, line: 1, pointer: '' },
  };
}
