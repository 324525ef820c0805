import type { JsonMap, Resource } from '../model/index.ts';
import type { Relative } from '../policy/index.ts';
import { saysWhatIsDeployed } from '../render/gitops/kinds.ts';
import type { Traces } from './traces.ts';

/** What objects say of other objects: gathered from the scanned files before anything that hangs on it is decided. */
export interface Facts {
  /** Namespace objects by name; `null` where the files hold two that differ. */
  readonly namespaces: Map<string, JsonMap | null>;
  /** CustomResourceDefinitions, in file order. */
  readonly definitions: Resource[];
  /** What says what Argo CD and Flux deploy, in file order. */
  readonly deployments: Resource[];
  /** Objects that policies look up: those of files that are not remembered. */
  readonly relatives: Relative[];
  /** Of all of them, where answers of look-ups are kept. */
  readonly traces: Traces[];
  /** Files and documents that could not be read: nobody knows what is in them. */
  unread: number;
}

export function newFacts(): Facts {
  return { namespaces: new Map(), definitions: [], deployments: [], relatives: [], traces: [], unread: 0 };
}

/** Notes what an object says, if it is of a kind that says something. */
export function learn(facts: Facts, resource: Resource): void {
  const { apiVersion, kind, name } = resource.ref;
  if (apiVersion === 'v1' && kind === 'Namespace') addNamespace(facts, name, resource.object);
  else if (kind === 'CustomResourceDefinition' && apiVersion.startsWith('apiextensions.k8s.io/'))
    facts.definitions.push(resource);
  else if (saysWhatIsDeployed(resource.ref)) facts.deployments.push(resource);
}

/** Two definitions of one namespace that differ decide nothing: which of them will be applied cannot be known. */
function addNamespace(facts: Facts, name: string, object: JsonMap | null): void {
  const known = facts.namespaces.get(name);
  const conflict = known !== undefined && (known === null || object === null || !same(known, object));
  facts.namespaces.set(name, conflict ? null : object);
}

function same(a: JsonMap, b: JsonMap): boolean {
  const text = (value: JsonMap) =>
    JSON.stringify(value, (_, inner) => (typeof inner === 'bigint' ? `${inner}n` : inner));
  return text(a) === text(b);
}

/** Facts of several threads as one; definitions in the order of their files, so that every thread sees the same. */
export function mergeFacts(parts: readonly Facts[]): Facts {
  const merged = newFacts();
  for (const part of parts) addFacts(merged, part);
  merged.definitions.sort(placeOrder);
  merged.deployments.sort(placeOrder);
  return merged;
}

export function addFacts(into: Facts, from: Facts): void {
  for (const [name, object] of from.namespaces) addNamespace(into, name, object);
  into.definitions.push(...from.definitions);
  into.deployments.push(...from.deployments);
  for (const relative of from.relatives) into.relatives.push(relative);
  for (const traces of from.traces) into.traces.push(traces);
  into.unread += from.unread;
}

function placeOrder(a: Resource, b: Resource): number {
  const [x, y] = [a.origin, b.origin];
  if (x.file !== y.file) return x.file < y.file ? -1 : 1;
  return x.document - y.document || (x.pointer < y.pointer ? -1 : x.pointer > y.pointer ? 1 : 0);
}
