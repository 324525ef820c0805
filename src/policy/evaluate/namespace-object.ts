import { CelError } from '../../cel/errors.ts';
import type { JsonMap } from '../../model/index.ts';
import { mapAt, own } from '../json.ts';
import { type NamespaceSource, withNameLabel } from '../match/namespaces.ts';

/** Metadata that expressions may see; the rest is dropped (apiserver admission/plugin/cel, CreateNamespaceObject). */
const METADATA = [
  'name',
  'generateName',
  'namespace',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'labels',
  'annotations',
  'finalizers',
];

/**
 * `namespaceObject`. Of a namespace whose object is not among the files only the name and the name label are known:
 * reading anything else is the error `needs-namespace`, also by `has()`.
 */
export function namespaceObject(source: NamespaceSource, name: string): object {
  const object = source.objects.get(name);
  if (object !== undefined) return known(object, name, source.complete);
  if (source.complete) throw missing(name);
  return unknown(name);
}

function known(object: JsonMap, name: string, complete: boolean): object {
  const metadata = mapAt(object, 'metadata') ?? {};
  const visible: Record<string, unknown> = {};
  for (const field of METADATA) {
    const value = own(metadata, field);
    if (value !== undefined && value !== null) visible[field] = value;
  }
  visible['labels'] = withNameLabel(mapAt(metadata, 'labels') ?? {}, name);
  const parts = { metadata: visible, spec: own(object, 'spec'), status: own(object, 'status') };
  if (complete) return { ...parts, spec: parts.spec ?? {}, status: parts.status ?? {} };
  // A manifest says nothing of what the cluster fills in.
  if (parts.spec === undefined) failOnRead(parts, 'spec', name);
  if (parts.status === undefined) failOnRead(parts, 'status', name);
  return parts;
}

function failOnRead(target: object, field: string, namespace: string): void {
  Object.defineProperty(target, field, {
    enumerable: true,
    get: () => {
      throw needs(namespace, field);
    },
  });
}

function unknown(name: string): object {
  const labels = guarded({ 'kubernetes.io/metadata.name': name }, name, 'metadata.labels');
  const metadata = guarded({ name, labels }, name, 'metadata');
  const namespace = { metadata };
  failOnRead(namespace, 'spec', name);
  failOnRead(namespace, 'status', name);
  return namespace;
}

/** A map of which some keys are known; any question about others fails. */
function guarded(known: JsonMap, namespace: string, what: string): object {
  const refuse = (key: string | symbol): never => {
    throw needs(namespace, `${what}.${String(key)}`);
  };
  // What starts with `$` is no label: so the runtime asks whether a value is more than a map (src/cel/values.ts).
  const answerable = (key: string | symbol) =>
    typeof key === 'symbol' || key.startsWith('$') || Object.hasOwn(known, key);
  return new Proxy(known, {
    get: (target, key) => (answerable(key) ? Reflect.get(target, key) : refuse(key)),
    has: (target, key) => (answerable(key) ? Reflect.has(target, key) : refuse(key)),
    getOwnPropertyDescriptor: (target, key) =>
      answerable(key) ? Reflect.getOwnPropertyDescriptor(target, key) : refuse(key),
    ownKeys: () => refuse('*'),
  });
}

function needs(namespace: string, what: string): CelError {
  return new CelError(
    'needs-namespace',
    `the policy reads ${what} of namespace "${namespace}", which is not among the files`,
  );
}

function missing(namespace: string): CelError {
  return new CelError('needs-namespace', `namespaces "${namespace}" not found`);
}
