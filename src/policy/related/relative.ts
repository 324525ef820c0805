/** Objects that policies about other objects look up, as plain data: they travel between threads. */
import type { JsonMap, Resource } from '../../model/index.ts';
import { mayCarryPods, podPointer } from '../dialects/native/pods.ts';
import { viewPod } from '../evaluate/pod.ts';
import type { CompiledPolicy, GroupKind } from '../form.ts';
import { isMap, mapAt, own, stringAt } from '../json.ts';
import type { AdmissionRequest } from '../request.ts';

export interface Relative extends GroupKind {
  /** Empty for cluster-scoped objects. */
  readonly namespace: string;
  /** False for a namespaced object whose file names no namespace: it may be applied to any. */
  readonly placed: boolean;
  readonly name: string;
  /** What tells two objects of one name apart, which files may hold. */
  readonly at: string;
  /** The object itself; null where only its pods are looked up. */
  readonly object: JsonMap | null;
  /** Null where its kind carries no pod template, or none is looked up. */
  readonly pod: RelatedPod | null;
}

/** What lookups of pods see of a pod template: enough to know who talks to whom. */
export interface RelatedPod {
  readonly [field: string]: unknown;
  /** Of the object that carries the template. */
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
  /** Of the pods. */
  readonly labels: JsonMap;
  readonly annotations: JsonMap;
  /** `default` where the template names none. */
  readonly serviceAccountName: string;
  readonly hostNetwork: boolean;
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
}

/** What some policies look up. */
export interface Wanted {
  readonly kinds: ReadonlySet<string>;
  readonly pods: boolean;
}

export function wantedBy(policies: readonly Pick<CompiledPolicy, 'related'>[]): Wanted {
  const lookups = policies.flatMap(({ related }) => related ?? []);
  return {
    kinds: new Set(lookups.flatMap(({ of }) => (of === 'pods' ? [] : of.map(kindKey)))),
    pods: lookups.some(({ of }) => of === 'pods'),
  };
}

export function kindKey({ group, kind }: GroupKind): string {
  return `${kind}.${group}`;
}

export function isWanted({ kinds, pods }: Wanted, of: GroupKind): boolean {
  return kinds.has(kindKey(of)) || (pods && podPointer(of.group, of.kind) !== undefined);
}

/** The same where only the name of the kind is known, or not even that. */
export function mayBeWanted({ kinds, pods }: Wanted, kind: string | undefined): boolean {
  if (kind === undefined) return pods || kinds.size > 0;
  return [...kinds].some((key) => key.startsWith(`${kind}.`)) || (pods && mayCarryPods(kind));
}

/** @param request The object as policies see it: decoded, defaulted. */
export function relativeOf(
  wanted: Wanted,
  { origin, ref, object: raw }: Resource,
  request: AdmissionRequest,
): Relative {
  const { kind, group } = request.kind;
  const { object, name } = request;
  const namespace = kind === 'Namespace' && group === '' ? '' : request.namespace;
  return {
    group,
    kind,
    namespace,
    placed: namespace === '' || stringAt(mapAt(raw, 'metadata') ?? {}, 'namespace') !== '',
    name: name === '' ? ref.name : name,
    at: `${origin.file}\n${String(origin.document).padStart(6, '0')}${origin.pointer}`,
    object: wanted.kinds.has(kindKey({ group, kind })) ? object : null,
    pod: wanted.pods ? podOf(request, namespace) : null,
  };
}

function podOf(
  { kind: { group, kind }, object, name }: AdmissionRequest,
  namespace: string,
): RelatedPod | null {
  const pointer = podPointer(group, kind);
  const view = pointer === undefined || object === null ? null : viewPod(object, pointer);
  if (view === null || 'detail' in view) return null;
  const metadata = mapAt(view.pod, 'metadata') ?? {};
  const spec = mapAt(view.pod, 'spec') ?? {};
  return {
    kind,
    name,
    namespace,
    labels: mapAt(metadata, 'labels') ?? {},
    annotations: mapAt(metadata, 'annotations') ?? {},
    serviceAccountName: stringAt(spec, 'serviceAccountName') || stringAt(spec, 'serviceAccount') || 'default',
    hostNetwork: own(spec, 'hostNetwork') === true,
    ports: view.containers.flatMap(portsOf),
  };
}

function portsOf(container: JsonMap): { name: string; containerPort: number }[] {
  const ports = own(container, 'ports');
  if (!Array.isArray(ports)) return [];
  return ports.filter(isMap).flatMap((port) => {
    const containerPort = own(port, 'containerPort');
    return typeof containerPort === 'number' ? [{ name: stringAt(port, 'name'), containerPort }] : [];
  });
}
