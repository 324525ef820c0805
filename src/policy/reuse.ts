/**
 * What an earlier load of some of the same documents came to, so that only what changed is read and compiled again. A
 * document is the same when it is the same object; settings must be those of the earlier load.
 */
import type { Resource } from '../model/index.ts';
import type { Binding, CompiledPolicy } from './form.ts';
import type { Sorted } from './sort.ts';

export interface Reuse {
  /** What each document is, read alone. */
  readonly readings: WeakMap<Resource, Sorted>;
  /** The policies of each document, by id and reading. */
  readonly policies: WeakMap<Resource, Map<string, CompiledPolicy>>;
}

export function newReuse(): Reuse {
  return { readings: new WeakMap(), policies: new WeakMap() };
}

/** A policy of the earlier load that is as this one would be, but for the expressions, which are compiled. */
export function knownPolicy(
  { policies }: Reuse,
  resource: Resource,
  policy: CompiledPolicy,
): CompiledPolicy | undefined {
  const known = policies.get(resource)?.get(keyOf(policy));
  return known !== undefined && isSame(known, policy) ? known : undefined;
}

export function keepPolicy({ policies }: Reuse, resource: Resource, policy: CompiledPolicy): void {
  const known = policies.get(resource);
  if (known === undefined) policies.set(resource, new Map([[keyOf(policy), policy]]));
  else known.set(keyOf(policy), policy);
}

function keyOf({ id, variant, mutations }: CompiledPolicy): string {
  return `${mutations.length > 0} ${variant} ${id}`;
}

/** Of one document: what else a policy is made of are its template, its bindings, and exceptions to it. */
function isSame(a: CompiledPolicy, b: CompiledPolicy): boolean {
  return (
    a.codeOrigin === b.codeOrigin &&
    (!isBoundElsewhere(a) || haveSame(a.bindings, b.bindings)) &&
    isEqual(a.exceptions, b.exceptions) &&
    isEqual(exceptOf(a), exceptOf(b))
  );
}

/** Bindings of all others are part of their own documents. */
function isBoundElsewhere({ dialect }: CompiledPolicy): boolean {
  return dialect === 'vap' || dialect === 'map';
}

/** A nameless one stands for none. */
function haveSame(a: readonly Binding[], b: readonly Binding[]): boolean {
  const isOne = (binding: Binding, i: number) =>
    binding === b[i] || (binding.name === '' && b[i]!.name === '');
  return a.length === b.length && a.every(isOne);
}

function exceptOf({ filter }: CompiledPolicy): unknown {
  return filter !== null && 'except' in filter ? filter.except : [];
}

/** Of plain data whose numbers are safe integers. */
function isEqual(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}
