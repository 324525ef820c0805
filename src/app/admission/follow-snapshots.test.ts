import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { SnapshotContent } from '../../model/index.ts';
import { openDataFolder } from '../data-folder.ts';
import { contentText, digestOf } from '../snapshot/content.ts';
import { sign, signerIn, verifiersIn } from '../snapshot/note.ts';
import type { Answer, Query } from './controller-client.ts';
import { followSnapshots, type SnapshotFollower } from './follow-snapshots.ts';

const folders: string[] = [];
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

function newFolder() {
  const path = mkdtempSync(join(tmpdir(), 'rampart-follow-'));
  folders.push(path);
  return openDataFolder(join(path, 'data'));
}

function contentOf(name: string): SnapshotContent {
  const policy = {
    apiVersion: 'rampart.dev/v1',
    kind: 'HardeningPolicy',
    metadata: { name },
    spec: {
      title: 'Test',
      severity: 'low',
      layer: 'kubernetes',
      owner: 'test',
      description: 'd',
      remediation: 'r',
      matchConstraints: {
        resourceRules: [
          { apiGroups: [''], apiVersions: ['v1'], resources: ['pods'], operations: ['CREATE'] },
        ],
      },
      validations: [{ expression: 'true', message: 'm' }],
    },
  };
  return {
    format: 1,
    settings: { 'kubernetes.version': 'v1.37', 'pss.version': 'v1.37' },
    documents: [{ text: JSON.stringify(policy), origin: { file: 'p.yaml', line: 1 }, decides: true }],
    policies: [name],
    severities: {},
    stages: {},
    tiers: { default: 'high', namespaces: {} },
    podPaths: [],
    namespace: 'default',
  } as SnapshotContent;
}

/** A controller that is told what to answer; a poll without an answer waits. */
function controller() {
  const texts = new Map<string, string>();
  const polls: Readonly<Record<string, string>>[] = [];
  const answers: (Answer | Error)[] = [];
  let wake = () => {};
  return {
    texts,
    polls,
    answer(answer: Answer | Error) {
      answers.push(answer);
      wake();
    },
    client: {
      async poll(query: Query) {
        polls.push(Object.fromEntries(query));
        while (answers.length === 0)
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        const next = answers.shift()!;
        if (next instanceof Error) throw next;
        return next;
      },
      async content(digest: string) {
        const text = texts.get(digest);
        if (text === undefined) throw new Error('no such snapshot');
        return text;
      },
    },
  };
}

interface Setup {
  readonly data: ReturnType<typeof newFolder>;
  readonly of: ReturnType<typeof controller>;
  readonly taken: string[];
  readonly dropped: string[];
  readonly follower: SnapshotFollower;
  /** Signs and offers a snapshot. */
  offer(name: string, epoch: number, commit?: boolean): Promise<string>;
  /** Waits until the follower polls again. */
  polled(count: number): Promise<Readonly<Record<string, string>>>;
}

async function setup(data = newFolder()): Promise<Setup> {
  const signer = await signerIn(data);
  const of = controller();
  const taken: string[] = [];
  const dropped: string[] = [];
  const follower = await followSnapshots({
    client: of.client,
    data,
    verifiers: verifiersIn(data),
    now: () => 1_000,
    prepare: ({ content }) => ({
      take: () => taken.push(content.policies[0]!),
      drop: () => dropped.push(content.policies[0]!),
    }),
    log: () => {},
    retryMs: 1,
  });
  return {
    data,
    of,
    taken,
    dropped,
    follower,
    async offer(name, epoch, commit = true) {
      const text = contentText(contentOf(name));
      const digest = digestOf(text);
      of.texts.set(digest, text);
      const note = sign(signer, { epoch, digest });
      of.answer({ note, commit });
      return note;
    },
    async polled(count) {
      for (const until = Date.now() + 10_000; of.polls.length < count; ) {
        assert.ok(Date.now() < until, 'no poll');
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
      return of.polls[count - 1]!;
    },
  };
}

test('a snapshot is prepared, then taken when told, then found on the disk', async () => {
  const first = await setup();
  await first.offer('a', 5, false);
  assert.deepEqual(await first.polled(2), { inForce: '0', prepared: '5' });
  assert.deepEqual(first.taken, []);
  await first.offer('a', 5);
  assert.deepEqual(await first.polled(3), { inForce: '5', prepared: '5' });
  assert.deepEqual(first.taken, ['a']);
  const again = await setup(first.data);
  assert.deepEqual([again.taken, again.follower.epoch], [['a'], 5]);
});

test('what is forged, older, replayed or not what was signed is refused, and the one before stays', async () => {
  const of = await setup();
  const first = await of.offer('a', 5);
  await of.polled(2);
  const stranger = await signerIn(newFolder());
  const text = contentText(contentOf('b'));
  of.of.texts.set(digestOf(text), text);
  of.of.answer({ note: sign(stranger, { epoch: 9, digest: digestOf(text) }), commit: true });
  assert.match((await of.polled(3))['refused']!, /^bad-signature/);
  await of.offer('b', 4);
  assert.match((await of.polled(4))['refused']!, /^older-epoch/);
  of.of.answer({ note: first, commit: true });
  assert.match((await of.polled(5))['refused']!, /^older-epoch/);
  await of.offer('c', 6);
  await of.polled(6);
  assert.equal(of.follower.epoch, 6);
});

test('content that is not what was signed is refused', async () => {
  const of = await setup();
  const signer = await signerIn(of.data);
  const digest = digestOf(contentText(contentOf('a')));
  of.of.texts.set(digest, contentText(contentOf('b')));
  of.of.answer({ note: sign(signer, { epoch: 5, digest }), commit: true });
  assert.match((await of.polled(2))['refused']!, /^wrong-digest/);
  assert.deepEqual(of.taken, []);
});

test('nobody answers: what is in force stays, and is asked for again', async () => {
  const of = await setup();
  await of.offer('a', 5);
  await of.polled(2);
  of.of.answer(new Error('connection refused'));
  of.of.answer(new Error('connection refused'));
  await of.polled(4);
  assert.equal(of.follower.connected, false);
  await of.offer('b', 6);
  await of.polled(5);
  assert.deepEqual([of.taken, of.follower.epoch, of.follower.connected], [['a', 'b'], 6, true]);
});

test('what was prepared and overtaken is dropped', async () => {
  const of = await setup();
  await of.offer('a', 5);
  await of.polled(2);
  await of.offer('b', 6, false);
  await of.polled(3);
  await of.offer('c', 7);
  await of.polled(4);
  assert.deepEqual([of.taken, of.dropped], [['a', 'c'], ['b']]);
});

test('a snapshot that somebody changed on the disk is not taken', async () => {
  const of = await setup();
  await of.offer('a', 5);
  await of.polled(2);
  const path = of.data.snapshot(digestOf(contentText(contentOf('a'))));
  writeFileSync(path, readFileSync(path, 'utf8').replace('"a"', '"z"'));
  const again = await setup(of.data);
  assert.deepEqual([again.taken, again.follower.epoch], [[], 0]);
});
