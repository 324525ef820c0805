/** What an evaluation knows beside policies and the request, and what all evaluations of one snapshot make of it once. */
import type { AskContext, ParseYaml } from '../../cel/libraries/index.ts';
import type { Defaults, Discovery, JsonMap, Resource, Schemas } from '../../model/index.ts';
import { type NamespaceSource, namespaceLabels } from '../match/namespaces.ts';
import type { LookedUp } from '../related/surroundings.ts';
import { parseApiVersion, type UserInfo } from '../request.ts';
import { decode, isBuiltIn } from './decode.ts';
import type { PodPath } from './embedded.ts';
import { type ParamSource, paramSource } from './params.ts';
import type { SharedContext } from './state.ts';
import type { Authorize } from './vars.ts';

/** What an evaluation knows beside policies and the request. */
export interface EvaluationContext {
  readonly discovery: Discovery;
  /** Used to read nulls as the API server does; without it they are dropped by their place alone. */
  readonly schemas?: Schemas;
  /** Objects are seen as the API server has them at admission; absent: as they stand. */
  readonly defaults?: Defaults;
  /** Of namespaced objects that name none. Default `default`. */
  readonly defaultNamespace?: string;
  /** Namespaces and parameters: found among the sources, the policies' documents, `--context`, or a cluster. */
  readonly objects?: readonly Resource[];
  /** True when `objects` is all there is, as in a cluster: what is missing then does not exist. Default false. */
  readonly complete?: boolean;
  /** Namespaces as they are whenever they are asked for, in place of those among `objects`. */
  readonly namespaces?: NamespaceSource;
  /** Parameters as they are whenever they are asked for, in place of those among `objects`. */
  readonly params?: ParamSource;
  /** Where custom kinds carry pod templates; absent: nobody knows of any. */
  readonly podPaths?: readonly PodPath[];
  /** Who makes scanned objects; absent: nobody knows. */
  readonly userInfo?: UserInfo;
  /** Who answers authorizer checks; absent: nobody. */
  readonly authorize?: Authorize;
  /** Who answers what Kyverno's policies ask a cluster, registries and the network; absent: nobody. */
  readonly ask?: AskContext;
  /** Reads what Kyverno's `yaml.parse` is given. */
  readonly parseYaml?: ParseYaml;
  /** Milliseconds since 1970, for exceptions that end while policies are in force; absent: none does. */
  readonly now?: () => number;
  /** The objects that policies may look up; absent: nothing is known of them. */
  readonly surroundings?: LookedUp;
}

export function shareContext(context: EvaluationContext): SharedContext {
  const { complete = false, defaultNamespace = 'default' } = context;
  const objects = (context.objects ?? []).map((object) => decodedObject(object, context));
  const namespaces = context.namespaces ?? { objects: namespacesAmong(objects), complete };
  return {
    discovery: context.discovery,
    namespaces,
    namespaceLabels: namespaceLabels(namespaces),
    params: context.params ?? paramSource(objects, complete, defaultNamespace),
    ...(context.authorize === undefined ? {} : { authorize: context.authorize }),
    ...(context.ask === undefined ? {} : { ask: context.ask }),
    ...(context.parseYaml === undefined ? {} : { parseYaml: context.parseYaml }),
    ...(context.now === undefined ? {} : { now: context.now }),
    ...(context.surroundings === undefined ? {} : { surroundings: context.surroundings }),
  };
}

/** A namespace or parameter as expressions see it. */
export function decodedObject(
  resource: Resource,
  { schemas, defaults }: Pick<EvaluationContext, 'schemas' | 'defaults'>,
): Resource {
  const { apiVersion, kind } = resource.ref;
  const read = decodedIfTyped(resource, schemas);
  const object = defaults?.apply(apiVersion, kind, read) ?? read;
  return object === resource.object ? resource : { ...resource, object };
}

/** Custom kinds have no types to be decoded into. */
export function decodedIfTyped({ ref, object }: Resource, schemas: Schemas | undefined): JsonMap {
  const { apiVersion, kind } = ref;
  if (!isBuiltIn(parseApiVersion(apiVersion).group)) return object;
  return decode(object, () => schemas?.ofKind(apiVersion, kind));
}

function namespacesAmong(objects: readonly Resource[]): ReadonlyMap<string, JsonMap> {
  const namespaces = objects.filter(({ ref }) => ref.kind === 'Namespace' && ref.apiVersion === 'v1');
  return new Map(namespaces.map(({ ref, object }) => [ref.name, object]));
}
