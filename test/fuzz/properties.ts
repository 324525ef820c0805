/** What has to hold of every review, however spoilt. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { JsonMap } from '../../src/model/index.ts';
import {
  ask,
  idsOf,
  inFiles,
  isSafe,
  libraryGate,
  objects,
  reviewOf,
  safeGate,
  spoil,
  spoilBytes,
  spoils,
} from './reviews.ts';

const object = fc.nat({ max: objects.length - 1 }).map((index) => objects[index]!);

/** Of every other one only the policy knows that it is harmless. */
const isMarked = fc.boolean();

function reviewBy(of: (typeof objects)[number], marked: boolean): JsonMap {
  const review = structuredClone(reviewOf(of)) as { request: { object: Record<string, unknown> } };
  const { object: made } = review.request;
  if (marked) made['metadata'] = { ...(made['metadata'] as object), annotations: { safe: 'yes' } };
  return review as unknown as JsonMap;
}

/** By what each says. */
export function properties(): ReadonlyMap<string, fc.IAsyncProperty<unknown[]>> {
  const safe = safeGate();
  const library = libraryGate();
  const spoiltValues = fc.asyncProperty(object, isMarked, spoils, async (of, marked, all) => {
    const review = reviewBy(of, marked);
    for (const one of all) spoil(review, one);
    const body = Buffer.from(JSON.stringify(review));
    // What was written and is read again is what counts.
    const read = JSON.parse(body.toString());
    const answer = await ask(safe, 'validate', body);
    if (answer !== undefined) {
      assert.equal(answer.uid.toWellFormed(), read.request.uid.toWellFormed());
      assert.equal(answer.allowed, isSafe(read), 'allowed what is not safe, or denied what is');
    } else assert.notEqual(all.length, 0, 'a review as the API server sends it was refused');
    assert.equal((await ask(safe, 'mutate', body)) === undefined, answer === undefined);
  });
  const spoiltBytes = fc.asyncProperty(object, isMarked, spoils, async (of, marked, all) => {
    const body = spoilBytes(Buffer.from(JSON.stringify(reviewBy(of, marked))), all);
    const answer = await ask(safe, 'validate', body);
    if (answer === undefined) return;
    const read = JSON.parse(body.toString());
    assert.equal(answer.uid.toWellFormed(), read.request.uid.toWellFormed());
    assert.equal(answer.allowed, isSafe(read));
  });
  const anyBytes = fc.asyncProperty(fc.uint8Array({ maxLength: 500 }), async (bytes) => {
    assert.equal(await ask(safe, 'validate', Buffer.from(bytes)), undefined);
  });
  const anyJson = fc.asyncProperty(fc.json(), async (text) => {
    assert.equal(await ask(safe, 'validate', Buffer.from(text)), undefined);
  });
  const asInFiles = fc.asyncProperty(object, spoils, async (of, all) => {
    const spoilt = structuredClone(of.object);
    // Who it is stays: a file has nothing but that to tell what is asked for.
    for (const one of all) spoil(spoilt['spec'], one);
    const text = JSON.stringify(reviewOf({ ...of, object: spoilt }));
    library.records.length = 0;
    assert.notEqual(await ask(library, 'validate', Buffer.from(text)), undefined);
    const found = idsOf(library.records[0]?.outcomes ?? []);
    const read = JSON.parse(text).request.object;
    assert.deepEqual(found, inFiles(library, { ...of, object: read }));
  });
  return new Map<string, fc.IAsyncProperty<unknown[]>>([
    ['spoilt as values: answered or refused, and allowed only what is safe', spoiltValues as never],
    ['spoilt as bytes: answered or refused, and allowed only what is safe', spoiltBytes as never],
    ['any bytes are refused', anyBytes as never],
    ['any JSON is refused', anyJson as never],
    ['a spoilt object violates at admission what it violates in files', asInFiles as never],
  ]);
}
