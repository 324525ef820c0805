import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Build, buildSnapshot, type SnapshotOptions } from './build.ts';
import { createBuilder } from './builder.ts';

const folder = mkdtempSync(join(tmpdir(), 'rampart-builder-'));
after(() => rmSync(folder, { recursive: true, force: true }));
mkdirSync(join(folder, 'policies'));

function options(more: Partial<SnapshotOptions> = {}): SnapshotOptions {
  return {
    policies: ['policies'],
    select: [],
    skip: [],
    set: [],
    severity: {},
    podPaths: [],
    namespace: 'default',
    stages: [],
    tiers: {},
    cwd: folder,
    folder,
    cache: undefined,
    saysIn: (inside) => inside.join('.'),
    ...more,
  };
}

const write = (name: string, text: string) => writeFileSync(join(folder, 'policies', name), text);

const policy = (name: string, most: number) => `apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: ${name}}
spec:
  matchConstraints:
    resourceRules: [{apiGroups: [apps], apiVersions: [v1], operations: [CREATE], resources: [deployments]}]
  validations: [{expression: object.spec.replicas < ${most}}]
`;

const exemption = (reason: string) => `apiVersion: rampart.dev/v1
kind: PolicyExemption
metadata: {name: web, namespace: shop}
spec:
  policy: first
  match: {kinds: [Deployment], names: [web]}
  reason: ${reason}
  expires: 2999-01-31
`;

const enforced = (id: string) => ({ stages: [{ select: [`id=${id}`], stage: 'enforce' as const }] });

function good(build: Build): Extract<Build, { ok: true }> {
  assert.ok(build.ok, JSON.stringify(build));
  return build;
}

test('made again it is what it would be made at once; a proof holds while policies stay', async () => {
  const build = createBuilder();
  const made = async (more: Partial<SnapshotOptions> = {}) => {
    const given = options(more);
    const again = good(await build(given));
    assert.deepEqual(again, good(buildSnapshot(given)));
    return again;
  };
  write('first.yaml', policy('first', 5));
  write('second.yaml', policy('second', 5));
  const start = await made();
  const staged = await made(enforced('first'));
  const tiered = await made({ ...enforced('first'), tiers: { default: 'low' } });
  write('exemption.yaml', exemption('until it is moved'));
  const exempted = await made(enforced('first'));
  write('exemption.yaml', exemption('until it has moved'));
  const otherwise = await made(enforced('first'));
  const all = [start, staged, tiered, exempted, otherwise];
  assert.equal(new Set(all.map(({ digest }) => digest)).size, all.length);
  assert.deepEqual(
    all.map(({ proof }) => proof),
    all.map(() => start.proof),
  );
  // As long as before, and at once: what a clock that ticks slowly does not show.
  write('second.yaml', policy('second', 6));
  const changed = await made(enforced('first'));
  const fewer = await made({ ...enforced('first'), select: ['id=first'] });
  const older = await made({ ...enforced('first'), set: ['kubernetes.version=v1.30'] });
  assert.equal(new Set([start, changed, fewer, older].map(({ proof }) => proof)).size, 4);
});

test('what is wrong is said with its place, each time, and then no more', async () => {
  const build = createBuilder();
  for (const [name, text] of [
    ['first.yaml', policy('first', 5)],
    ['second.yaml', policy('second', 5)],
    ['exemption.yaml', exemption('until it is moved')],
  ] as const)
    write(name, text);
  // Until they are known by their times.
  await sleep(2_100);
  good(await build(options()));
  write('second.yaml', policy('second', 5).replace('object.spec', 'object..spec'));
  for (let i = 0; i < 2; i++) {
    const bad = await build(options(enforced('first')));
    assert.ok(!bad.ok);
    const at = ({ origin: { file, line, column } }: (typeof bad.problems)[number]) =>
      `${file}:${line}:${column}`;
    const once = buildSnapshot(options(enforced('first')));
    assert.deepEqual(bad.problems.map(at), once.ok ? [] : once.problems.map(at));
    assert.match(at(bad.problems[0]!), /^policies\/second\.yaml:7:\d+$/);
  }
  write('exemption.yaml', exemption('until it is moved').replace('expires', 'expired'));
  write('second.yaml', policy('second', 5));
  const bad = await build(options());
  assert.ok(!bad.ok);
  assert.deepEqual([...new Set(bad.problems.map(({ origin }) => origin.file))], ['policies/exemption.yaml']);
  write('exemption.yaml', exemption('until it is moved'));
  assert.deepEqual(good(await build(options())), good(buildSnapshot(options())));
  await assert.rejects(build(options(enforced('frist'))), /frist/);
  rmSync(join(folder, 'policies', 'second.yaml'));
  assert.deepEqual(good(await build(options())).content.policies, ['first']);
});

test('it lets go of the thread', async () => {
  write('first.yaml', policy('first', 5));
  let pauses = 0;
  const often = { every: 0, pause: async () => void pauses++, now: () => performance.now() };
  good(await createBuilder(often)(options()));
  assert.ok(pauses > 5, String(pauses));
});
