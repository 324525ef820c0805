/**
 * src/sources reads a manifest as kubectl and the API server do: the same documents, the same values, on hand-written and
 * generated texts. Where it refuses what they read, that is on the list of what is ambiguous or beyond YAML 1.2's
 * parser, and counted.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Document, readDocuments } from '../../src/sources/manifests/documents.ts';
import { DEFAULT_LIMITS } from '../../src/sources/manifests/limits.ts';
import { interop, skipWithoutGo } from './interop.ts';
import { documents, scalars, streams } from './yaml-cases.ts';

type Typed = [string, unknown?];

interface Answer {
  readonly documents: Typed[];
  readonly error?: string;
}

interface Verdict {
  readonly text: string;
  readonly kind: 'same' | 'both refuse' | 'we refuse' | 'we accept' | 'different';
  readonly detail: string;
}

test('plain and tagged scalars, as values and as keys', { skip: skipWithoutGo }, async (t) => {
  const texts = scalars().flatMap((scalar) => [`k: ${scalar}\n`, `${scalar}: v\n`, `- [${scalar}]\n`]);
  report(t, await compare(texts));
});

test('generated documents', { skip: skipWithoutGo }, async (t) => {
  report(t, await compare(documents(12_000)));
});

test('streams of documents', { skip: skipWithoutGo }, async (t) => {
  report(t, await compare(streams(3_000)));
});

async function compare(texts: readonly string[]): Promise<Verdict[]> {
  const answers = await interop<Answer>('yaml', texts);
  return texts.map((text, index) => judge(text, answers[index]!));
}

function judge(text: string, answer: Answer): Verdict {
  const ours = readDocuments(text, DEFAULT_LIMITS);
  for (const [index, theirs] of answer.documents.entries()) {
    const own = ours[index];
    if (own === undefined) {
      // A stream of nothing is one null to kubectl.
      if (theirs[0] === 'n') continue;
      return { text, kind: 'different', detail: `document ${index} is missing: ${JSON.stringify(theirs)}` };
    }
    if (own.value === undefined) return { text, kind: 'we refuse', detail: fault(own) };
    if (!same(typed(own.value), theirs)) {
      return {
        text,
        kind: 'different',
        detail: `${JSON.stringify(typed(own.value))} is not ${JSON.stringify(theirs)}`,
      };
    }
  }
  if (answer.error === undefined) return { text, kind: 'same', detail: '' };
  const failed = ours.slice(answer.documents.length).some(({ faults }) => faults.length > 0);
  return { text, kind: failed ? 'both refuse' : 'we accept', detail: answer.error };
}

/** What is refused on purpose although kubectl reads it. The second row stands in values that a duplicate key hides. */
const REFUSED = [
  /^ambiguous: the key ".*" is given twice$/s,
  /a key is null|has no form in JSON|beyond int64/,
  // Go's fork of libyaml loses the rest of the document here.
  /a key must be a scalar/,
  /a directive is only allowed/,
];

function report(t: { diagnostic(message: string): void }, verdicts: readonly Verdict[]): void {
  const counts = Map.groupBy(verdicts, ({ kind }) => kind);
  const summary = [...counts].map(([kind, list]) => `${list.length} ${kind}`).join(', ');
  t.diagnostic(`${verdicts.length} texts: ${summary}`);
  const refused = (counts.get('we refuse') ?? []).filter(
    ({ detail }) => !REFUSED.some((reason) => reason.test(detail)),
  );
  assert.deepEqual([...(counts.get('different') ?? []), ...refused].slice(0, 5), []);
  // Scraps of one to three characters behind a JSON value, which kubectl reports and which are no object anyway.
  const accepted = counts.get('we accept') ?? [];
  assert.ok(accepted.length <= 10, JSON.stringify(accepted.slice(0, 20), null, 1));
  assert.ok((counts.get('same')?.length ?? 0) > verdicts.length / 10, summary);
}

function fault(document: Document): string {
  return document.faults.map(({ code, message }) => `${code}: ${message}`).join('; ');
}

function typed(value: unknown): Typed {
  if (value === null) return ['n'];
  if (typeof value === 'boolean') return ['b', value];
  if (typeof value === 'string') return ['s', value];
  if (typeof value === 'bigint' || typeof value === 'number') return ['i', String(value)];
  if (value instanceof Number) return ['f', bits(value.valueOf())];
  if (Array.isArray(value)) return ['l', value.map(typed)];
  const fields = Object.entries(value as object).map(([name, field]) => [name, typed(field)]);
  return ['m', Object.fromEntries(fields)];
}

function bits(value: number): string {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  return view.getBigUint64(0).toString(16);
}

function same(a: unknown, b: unknown): boolean {
  try {
    assert.deepStrictEqual(a, b);
    return true;
  } catch {
    return false;
  }
}
