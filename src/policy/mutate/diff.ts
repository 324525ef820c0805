/** The JSON Patch (RFC 6902) that turns one object into another. */
import { equals } from '../../cel/equality.ts';
import type { Value } from '../../cel/values.ts';
import type { JsonMap } from '../../model/index.ts';
import { isMap, pointerStep } from '../json.ts';

export interface PatchOperation {
  readonly op: 'add' | 'remove' | 'replace';
  /** JSON Pointer. */
  readonly path: string;
  readonly value?: unknown;
}

/** Empty where they are equal. Items of lists are compared by their place. */
export function patchBetween(before: JsonMap, after: JsonMap): PatchOperation[] {
  const operations: PatchOperation[] = [];
  diffMaps(before, after, '', operations);
  return operations;
}

function diffMaps(before: JsonMap, after: JsonMap, at: string, into: PatchOperation[]): void {
  for (const key of Object.keys(before))
    if (!Object.hasOwn(after, key)) into.push({ op: 'remove', path: at + pointerStep(key) });
  for (const key of Object.keys(after)) {
    const path = at + pointerStep(key);
    if (Object.hasOwn(before, key)) diff(before[key], after[key], path, into);
    else into.push({ op: 'add', path, value: after[key] });
  }
}

function diff(before: unknown, after: unknown, path: string, into: PatchOperation[]): void {
  if (before === after) return;
  if (isMap(before) && isMap(after)) diffMaps(before, after, path, into);
  else if (Array.isArray(before) && Array.isArray(after)) diffLists(before, after, path, into);
  else if (!isSame(before, after)) into.push({ op: 'replace', path, value: after });
}

/** What was put in or taken out in one place leaves the items around it alone. */
function diffLists(
  before: readonly unknown[],
  after: readonly unknown[],
  at: string,
  into: PatchOperation[],
): void {
  const shorter = Math.min(before.length, after.length);
  let head = 0;
  while (head < shorter && isSame(before[head], after[head])) head++;
  let tail = 0;
  while (tail < shorter - head && isSame(before[before.length - 1 - tail], after[after.length - 1 - tail]))
    tail++;
  const both = shorter - head - tail;
  for (let i = head; i < head + both; i++) diff(before[i], after[i], `${at}/${i}`, into);
  // From the end, so that the places before stay what they are.
  for (let i = before.length - tail - 1; i >= head + both; i--)
    into.push({ op: 'remove', path: `${at}/${i}` });
  for (let i = head + both; i < after.length - tail; i++)
    into.push({ op: 'add', path: `${at}/${i}`, value: after[i] });
}

function isSame(a: unknown, b: unknown): boolean {
  return a === b || equals(a as Value, b as Value) === true;
}
