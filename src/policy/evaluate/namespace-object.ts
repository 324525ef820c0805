import { CelError } from '../../cel/errors.ts';
import type { JsonMap } from '../../model/index.ts';
import { mapAt, own } from '../json.ts';
import { type NamespaceSource, NOT_AMONG_FILES, withNameLabel } from '../match/namespaces.ts';

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
  if (object !== undefined) return known(object, name, source);
  if (source.complete) throw missing(name);
  return unknown({ name, doubt: source.doubt ?? NOT_AMONG_FILES });
}

/** A namespace of which something is not known, and why. */
interface Doubted {
  readonly name: string;
  readonly doubt: string;
}

function known(
  object: JsonMap,
  name: string,
  { complete, doubt = NOT_AMONG_FILES }: NamespaceSource,
): object {
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
  if (parts.spec === undefined) failOnRead(parts, 'spec', { name, doubt });
  if (parts.status === undefined) failOnRead(parts, 'status', { name, doubt });
  return parts;
}

function failOnRead(target: object, field: string, namespace: Doubted): void {
  Object.defineProperty(target, field, {
    enumerable: true,
    get: () => {
      throw needs(namespace, field);
    },
  });
}

function unknown(doubted: Doubted): object {
  const { name } = doubted;
  const labels = guarded({ 'kubernetes.io/metadata.name': name }, doubted, 'metadata.labels');
  const metadata = guarded({ name, labels }, doubted, 'metadata');
  const namespace = { metadata };
  failOnRead(namespace, 'spec', doubted);
  failOnRead(namespace, 'status', doubted);
  return namespace;
}

/** A map of which some keys are known; any question about others fails. */
function guarded(known: JsonMap, namespace: Doubted, what: string): object {
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

function needs({ name, doubt }: Doubted, what: string): CelError {
  return new CelError('needs-namespace', `the policy reads ${what} of namespace "${name}", ${doubt}`);
}

function missing(namespace: string): CelError {
  return new CelError('needs-namespace', `namespaces "${namespace}" not found`);
}
