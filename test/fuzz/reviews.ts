/**
 * AdmissionReviews that nobody sends but to do harm: valid ones of examples/shop, spoilt as values and as bytes, and what
 * has to hold of every answer. The oracles here know nothing of the evaluator.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { parsePolicyFiles, readPolicyFiles } from '../../src/app/policies.ts';
import type { AdmissionGate, GateReply } from '../../src/gates/index.ts';
import type { DecisionRecord, JsonMap, Resource } from '../../src/model/index.ts';
import { compilePolicies, createEvaluator, type PolicySet } from '../../src/policy/index.ts';
import { readManifest } from '../../src/sources/index.ts';
import { CONTEXT, gateOver } from '../fakes/gate.ts';

const SHOP = join(import.meta.dirname, '..', '..', 'examples', 'shop');

export const objects: readonly Resource[] = readdirSync(SHOP, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.yaml'))
  .sort()
  .flatMap((file) => readManifest(readFileSync(join(SHOP, file)), { file, named: true }).resources);

/** Denies whatever is not known to be safe, wherever it comes in. */
const SAFE = `
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: safe}
spec:
  matchConstraints:
    resourceRules: [{apiGroups: ["*"], apiVersions: ["*"], resources: ["*/*"], operations: ["*"]}]
  validations:
    - expression: "object == null || object.metadata.annotations['safe'] == 'yes'"
`;

export interface Gate {
  readonly set: PolicySet;
  readonly gate: AdmissionGate;
  /** Of the last request. */
  readonly records: DecisionRecord[];
}

export function gateOf(set: PolicySet): Gate {
  assert.deepEqual(set.problems, []);
  const records: DecisionRecord[] = [];
  const gate = gateOver(set, {
    record: (record) => records.splice(0, 1, record),
    elsewhere: { ask: async () => undefined, change: async () => undefined },
    // Nothing here may hang on the machine.
    holdMs: 60_000,
    now: () => 0,
  });
  return { set, gate, records };
}

export const safeGate = (): Gate =>
  gateOf(compilePolicies(readManifest(SAFE, { file: 'safe.yaml', named: true }).resources));

/** The built-in library, without what looks at other objects. */
export function libraryGate(): Gate {
  const set = compilePolicies(parsePolicyFiles(readPolicyFiles(['builtin'], '/')).documents);
  return gateOf({ ...set, policies: set.policies.filter(({ related }) => related === undefined) });
}

/** What a file's object is in CI: its policies that do not pass. */
export function inFiles({ set }: Gate, resource: Resource): readonly string[] {
  return idsOf(createEvaluator(set, CONTEXT).scan(resource));
}

export function idsOf(
  outcomes: readonly { readonly policy: string | null; readonly verdict: string }[],
): string[] {
  const failed = outcomes.filter(({ verdict }) => verdict !== 'skip' && verdict !== 'pass');
  return [...new Set(failed.map(({ policy }) => String(policy)))].sort();
}

export function reviewOf(resource: Resource): JsonMap {
  const { ref, object } = resource;
  const {
    group,
    version,
    kind,
    resource: plural,
    namespaced,
  } = CONTEXT.discovery.ofKind(ref.apiVersion, ref.kind, ref.namespace);
  return {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: '705ab4f5-6393-11e8-b7cc-42010a800002',
      kind: { group, version, kind },
      resource: { group, version, resource: plural },
      name: ref.name,
      ...(namespaced ? { namespace: ref.namespace || 'default' } : {}),
      operation: 'CREATE',
      userInfo: { username: 'alice', groups: ['system:authenticated'] },
      object,
      oldObject: null,
      dryRun: false,
      options: null,
    },
  };
}

/** In place of anything. */
const ODD: readonly unknown[] = [
  ...[
    null,
    true,
    false,
    0,
    -1,
    -0,
    1.5,
    2 ** 53,
    1e308,
    '',
    'x',
    'yes',
    'CREATE',
    'UPDATE',
    'DELETE',
    'CONNECT',
  ],
  ...[
    [],
    {},
    [null],
    [[]],
    { '': null },
    '\u0000',
    '\ud800',
    'é😀',
    'x'.repeat(5_000),
    '../..',
    '*',
    'pods/status',
  ],
  ...['tokenreviews', 'authentication.k8s.io', 'status', 'ephemeralcontainers', 'namespaces', 'v1beta1'],
  { constructor: { prototype: {} }, toString: null, hasOwnProperty: 1 },
  JSON.parse('{"__proto__": {"annotations": {"safe": "yes"}, "safe": "yes"}}'),
  JSON.parse(`${'['.repeat(200)}${']'.repeat(200)}`),
  { annotations: { safe: 'yes' } },
  { metadata: { annotations: { safe: 'yes' } } },
  { safe: 'yes' },
];

const STRAY_KEYS = [
  '__proto__',
  'constructor',
  'metadata',
  'annotations',
  'safe',
  'object',
  'request',
  'uid',
  'Object',
];

/** One change of a value, told by numbers. */
export interface Spoil {
  readonly place: number;
  readonly kind: number;
  readonly what: number;
}

const nat = fc.nat({ max: 1_000_000 });
export const spoils = fc.array(fc.record({ place: nat, kind: nat, what: nat }), { maxLength: 4 });

/** @param value Parsed JSON, which is changed. */
export function spoil(value: unknown, { place, kind, what }: Spoil): void {
  const places: { readonly holder: Record<string, unknown>; readonly key: string }[] = [];
  const visit = (holder: unknown): void => {
    if (typeof holder !== 'object' || holder === null) return;
    for (const key of Object.keys(holder)) {
      places.push({ holder: holder as Record<string, unknown>, key });
      visit((holder as Record<string, unknown>)[key]);
    }
  };
  visit(value);
  const chosen = places[place % places.length];
  if (chosen === undefined) return;
  const { holder, key } = chosen;
  const put = (at: string, other: unknown) =>
    Object.defineProperty(holder, at, { value: other, enumerable: true, configurable: true, writable: true });
  switch (kind % 5) {
    case 0:
      if (Array.isArray(holder)) holder.splice(Number(key), 1);
      else delete holder[key];
      return;
    case 1:
    case 2:
      put(key, structuredClone(ODD[what % ODD.length]));
      return;
    case 3:
      if (Array.isArray(holder)) holder.push(structuredClone(holder[Number(key)]));
      else put(STRAY_KEYS[what % STRAY_KEYS.length]!, structuredClone(holder[key]));
      return;
    default:
      put(key, structuredClone(places[what % places.length]!.holder));
  }
}

/** Bytes that are cut out, put in, said again or turned into others. */
export function spoilBytes(body: Buffer, all: readonly Spoil[]): Buffer {
  return all.reduce((bytes, { place, kind, what }) => {
    const at = place % (bytes.length + 1);
    const before = bytes.subarray(0, at);
    switch (kind % 4) {
      case 0:
        return Buffer.concat([before, bytes.subarray(at + 1 + (what % 50))]);
      case 1:
        return Buffer.concat([before, Buffer.from([what % 256]), bytes.subarray(at)]);
      case 2:
        return Buffer.concat([before, bytes.subarray(Math.max(0, at - (what % 200)))]);
      default:
        return Buffer.concat([before, Buffer.from([what % 256]), bytes.subarray(at + 1)]);
    }
  }, body);
}

export interface Answer {
  readonly uid: string;
  readonly allowed: boolean;
}

/** Asks; whatever comes back has to be an answer to this very review, or a clean refusal, which is undefined. */
export async function ask(
  { gate }: Gate,
  kind: 'validate' | 'mutate',
  body: Buffer,
): Promise<Answer | undefined> {
  const job = gate.accept(kind, body);
  const reply = 'run' in job ? await job.run() : job;
  if ('run' in job) assert.equal(reply.status, 200, 'what was understood is answered');
  return reply.status === 200 ? answerOf(reply) : refusalOf(reply);
}

function refusalOf({ status, body }: GateReply): undefined {
  assert.ok(status >= 400 && status < 500, `status ${status}`);
  const { error } = JSON.parse(body);
  assert.ok(typeof error === 'string' && error !== '', body);
}

function answerOf({ body }: GateReply): Answer {
  const { apiVersion, kind, response, ...rest } = JSON.parse(body);
  assert.deepEqual([apiVersion, kind, rest], ['admission.k8s.io/v1', 'AdmissionReview', {}]);
  const { uid, allowed, status, warnings, auditAnnotations, patch, patchType } = response;
  assert.equal(typeof uid, 'string');
  assert.equal(typeof allowed, 'boolean');
  if (!allowed) {
    assert.ok(Number.isInteger(status.code) && status.code >= 400 && status.code < 600);
    assert.ok(typeof status.message === 'string' && status.message !== '');
    assert.equal(patch, undefined);
  }
  for (const warning of warnings ?? []) assert.equal(typeof warning, 'string');
  for (const text of Object.values(auditAnnotations ?? {})) assert.equal(typeof text, 'string');
  if (patch !== undefined) {
    assert.equal(patchType, 'JSONPatch');
    assert.ok(Array.isArray(JSON.parse(Buffer.from(patch, 'base64').toString())));
  }
  return { uid, allowed };
}

/** Resources that no policy is asked about. */
const EXEMPT =
  /^(authentication\.k8s\.io\/(tokenreviews|selfsubjectreviews)|authorization\.k8s\.io\/|admissionregistration\.k8s\.io\/(validating|mutating)admissionpolic)/;

/** Whether the policy that denies all but what is safe allows a review. */
export function isSafe(review: JsonMap): boolean {
  const { object, resource } = review['request'] as { object?: unknown; resource: Record<string, string> };
  if (EXEMPT.test(`${resource['group']}/${resource['resource']}`)) return true;
  if (object === null || object === undefined) return true;
  return own(own(own(object, 'metadata'), 'annotations'), 'safe') === 'yes';
}

function own(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined;
}
