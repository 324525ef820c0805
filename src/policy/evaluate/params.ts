import type { Discovery, JsonMap, Resource } from '../../model/index.ts';
import type { Binding, ParamKind } from '../form.ts';
import { mapAt } from '../json.ts';
import { selects } from '../match/labels.ts';

/** Objects that may serve as parameters. */
export interface ParamSource {
  /** In the order in which a selector's matches are evaluated. */
  ofKind(apiVersion: string, kind: string): readonly Resource[];
  /** One of them, where it can be looked up by its name: faster than all of a kind. Namespace empty: cluster-scoped. */
  named?(apiVersion: string, kind: string, namespace: string, name: string): Resource | undefined;
  /** Why what is not there may exist all the same. Undefined, as in a cluster that was listed: it does not. */
  doubt(apiVersion: string, kind: string): string | undefined;
  /** Of a namespaced object that names no namespace. */
  readonly defaultNamespace: string;
}

/** Parameters found among objects, indexed once. Order: namespace, then name. */
export function paramSource(
  objects: readonly Resource[],
  complete: boolean,
  defaultNamespace = 'default',
): ParamSource {
  const byKind = new Map<string, Resource[]>();
  for (const resource of objects) {
    const key = `${resource.ref.apiVersion}\n${resource.ref.kind}`;
    const list = byKind.get(key);
    if (list === undefined) byKind.set(key, [resource]);
    else list.push(resource);
  }
  for (const list of byKind.values()) list.sort(byPlace);
  const ofKind = (apiVersion: string, kind: string) => byKind.get(`${apiVersion}\n${kind}`) ?? [];
  return { defaultNamespace, ofKind, doubt: () => (complete ? undefined : 'none is among the files') };
}

function byPlace(a: Resource, b: Resource): number {
  const [left, right] = [`${a.ref.namespace}\n${a.ref.name}`, `${b.ref.namespace}\n${b.ref.name}`];
  return left < right ? -1 : left > right ? 1 : 0;
}

export type CollectedParams =
  /** One evaluation for each; `null` is an evaluation without parameters. Empty: the binding does not count. */
  | { readonly params: readonly (JsonMap | null)[] }
  /** Binding and request do not fit, or Deny was asked for when nothing is found. */
  | { readonly misconfigured: string }
  /** The files do not tell. */
  | { readonly unknown: string };

const NO_PARAMS: CollectedParams = { params: [null] };

/**
 * The parameters a binding evaluates a policy with. Source: apiserver pkg/admission/plugin/policy/generic,
 * CollectParams.
 */
export function collectParams(
  kind: ParamKind | null,
  binding: Binding,
  namespace: string,
  source: ParamSource,
  discovery: Discovery,
): CollectedParams {
  if (binding.params !== null) return { params: [binding.params] };
  const ref = binding.paramRef;
  if (kind === null || ref === null) return NO_PARAMS;
  const namespaced = isNamespaced(kind, ref.namespace, source, discovery);
  if (!namespaced && ref.namespace !== '') {
    return { misconfigured: 'paramRef.namespace must not be provided for a cluster-scoped `paramKind`' };
  }
  const within = ref.namespace === '' ? namespace : ref.namespace;
  if (namespaced && within === '') {
    return {
      misconfigured: 'cannot use namespaced paramRef in policy binding that matches cluster-scoped resources',
    };
  }
  const place = namespaced ? within : '';
  const found = matching(kind, binding, place, source);
  if (found.length > 0) return { params: found.map(({ object }) => object) };
  const doubt = source.doubt(kind.apiVersion, kind.kind);
  if (doubt !== undefined) return { unknown: `${describe(kind, binding, place)}, and ${doubt}` };
  if (ref.notFound === 'Deny') {
    return { misconfigured: 'no params found for policy binding with `Deny` parameterNotFoundAction' };
  }
  return { params: [] };
}

/** @param namespace Empty for a cluster-scoped kind. */
function matching(
  { apiVersion, kind }: ParamKind,
  binding: Binding,
  namespace: string,
  source: ParamSource,
): readonly Resource[] {
  const { name } = binding.paramRef!;
  if (name !== '' && source.named !== undefined)
    return [source.named(apiVersion, kind, namespace, name) ?? []].flat();
  const isIn = ({ ref }: Resource) => (ref.namespace || source.defaultNamespace) === namespace;
  return source
    .ofKind(apiVersion, kind)
    .filter((candidate) => (namespace === '' || isIn(candidate)) && chosen(candidate, binding));
}

function isNamespaced(
  { apiVersion, kind }: ParamKind,
  refNamespace: string,
  source: ParamSource,
  discovery: Discovery,
): boolean {
  const known = discovery.ofKind(apiVersion, kind, refNamespace);
  if (!known.guessed) return known.namespaced;
  // Of a custom kind nobody describes, the objects at hand tell more than a guess.
  const hint = source.ofKind(apiVersion, kind)[0]?.ref.namespace ?? refNamespace;
  return discovery.ofKind(apiVersion, kind, hint).namespaced;
}

function chosen(candidate: Resource, { paramRef }: Binding): boolean {
  if (paramRef!.name !== '') return candidate.ref.name === paramRef!.name;
  const metadata = mapAt(candidate.object, 'metadata');
  const labels = metadata === undefined ? undefined : mapAt(metadata, 'labels');
  return selects(paramRef!.selector ?? [], labels ?? {});
}

function describe(kind: ParamKind, { paramRef, name }: Binding, namespace: string): string {
  const where = namespace === '' ? '' : ` in namespace "${namespace}"`;
  const which = paramRef!.name === '' ? 'that its selector matches' : `named "${paramRef!.name}"`;
  return `binding "${name}" takes a ${kind.kind} ${which}${where}`;
}
