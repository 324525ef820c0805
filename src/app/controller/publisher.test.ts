import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPublisher, type Progress, type Published } from './publisher.ts';

const snapshot = (epoch: number): Published => ({
  note: `note ${epoch}`,
  text: `text ${epoch}`,
  epoch,
  digest: `sha256:${epoch}`,
});

const at = (inForce: number, prepared = inForce): Progress => ({ inForce, prepared });

function publisher(patienceMs = 60_000, pollMs = 60_000) {
  return createPublisher({ now: () => 1_000, patienceMs, pollMs });
}

/** Whether a promise is still open after everything that could settle it has run. */
async function isOpen(promise: Promise<unknown>): Promise<boolean> {
  const open = Symbol();
  return (await Promise.race([promise, new Promise((resolve) => setImmediate(resolve, open))])) === open;
}

test('without workers a snapshot is in force at once, and the first poll is told of it', async () => {
  const of = publisher();
  assert.deepEqual(await of.publish(snapshot(1)), []);
  assert.deepEqual(await of.poll('a', at(0)), { note: 'note 1', commit: true });
  assert.equal(of.content('sha256:1'), 'text 1');
  of.close();
});

test('a worker that has none yet holds up nobody', async () => {
  const of = publisher();
  const first = of.poll('a', at(0));
  assert.deepEqual(await of.publish(snapshot(1)), []);
  assert.deepEqual(await first, { note: 'note 1', commit: true });
  of.close();
});

test('a snapshot is in force when every worker has prepared it, and all are told at once', async () => {
  const of = publisher();
  await of.publish(snapshot(1));
  const first = [of.poll('a', at(1)), of.poll('b', at(1))];
  const published = of.publish(snapshot(2));
  assert.deepEqual(await Promise.all(first), Array(2).fill({ note: 'note 2', commit: false }));
  const a = of.poll('a', at(1, 2));
  assert.ok(await isOpen(a));
  assert.equal(of.current()!.epoch, 1);
  const b = of.poll('b', at(1, 2));
  assert.deepEqual(await Promise.all([a, b]), Array(2).fill({ note: 'note 2', commit: true }));
  assert.deepEqual(await published, []);
  assert.equal(of.content('sha256:1'), undefined);
  of.close();
});

test('who refuses, or takes too long, holds up nobody', async () => {
  const of = publisher(20);
  await of.publish(snapshot(1));
  void of.poll('a', at(1));
  void of.poll('b', at(1));
  void of.poll('c', at(1));
  const published = of.publish(snapshot(2));
  const a = of.poll('a', at(1, 2));
  const b = of.poll('b', at(1), { refused: 'bad-signature' });
  assert.deepEqual(await published, ['c']);
  assert.deepEqual(await a, { note: 'note 2', commit: true });
  assert.ok(await isOpen(b));
  assert.equal(of.workers().find(({ id }) => id === 'b')!.refused, 'bad-signature');
  const later = of.publish(snapshot(3));
  assert.deepEqual(await b, { note: 'note 3', commit: false });
  of.close();
  await later;
});

test('a later snapshot overtakes one that waits', async () => {
  const of = publisher();
  await of.publish(snapshot(1));
  void of.poll('a', at(1));
  const second = of.publish(snapshot(2));
  const third = of.publish(snapshot(3));
  await second;
  assert.deepEqual(await of.poll('a', at(1, 2)), { note: 'note 3', commit: false });
  const last = of.poll('a', at(1, 3));
  assert.deepEqual(await last, { note: 'note 3', commit: true });
  await third;
  of.close();
});

test('a worker with an epoch from the future is told nothing', async () => {
  const of = publisher(10, 10);
  await of.publish(snapshot(5));
  assert.equal(await of.poll('a', at(9)), undefined);
  of.close();
});

test('a poll replaces the one before it, and ends after a while', async () => {
  const of = publisher(10, 30);
  const first = of.poll('a', at(0));
  const second = of.poll('a', at(0));
  assert.equal(await first, undefined);
  assert.equal(await second, undefined);
  of.close();
});

test('nothing comes into force that is not kept, however many have prepared it', async () => {
  const of = createPublisher({ now: () => 1_000 });
  await of.publish(snapshot(1));
  const kept = Promise.withResolvers<void>();
  const published = of.publish(snapshot(2), kept.promise);
  assert.equal((await of.poll('a', { inForce: 1, prepared: 1 }))?.commit, false);
  const told = of.poll('a', { inForce: 1, prepared: 2 });
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(of.current()?.epoch, 1);
  kept.resolve();
  assert.equal((await told)?.commit, true);
  assert.deepEqual(await published, []);
  await assert.rejects(of.publish(snapshot(3), Promise.reject(new Error('disk full'))), /disk full/);
  assert.equal(of.current()?.epoch, 2);
  of.close();
});
