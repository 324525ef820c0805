import { CelError } from '../../cel/errors.ts';
import {
  type AuthorizationCheck,
  type AuthorizationDecision,
  createAuthorizer,
  createRequestResource,
} from '../../cel/libraries/authz.ts';
import {
  type AskContext,
  createExceptions,
  createKyvernoContext,
  type KyvernoContext,
  type ParseYaml,
} from '../../cel/libraries/index.ts';
import type { Value } from '../../cel/values.ts';
import type { JsonMap } from '../../model/index.ts';
import type { MatchedResource } from '../match/match.ts';
import type { NamespaceSource } from '../match/namespaces.ts';
import type { LookedUp } from '../related/surroundings.ts';
import { type AdmissionRequest, isNamespaceResource, type UserInfo } from '../request.ts';
import { namespaceObject } from './namespace-object.ts';
import type { Stopwatch } from './stopwatch.ts';

/** Answers an authorization check; undefined when it does not know. A check of the user comes only when one is known. */
export type Authorize = (
  check: AuthorizationCheck,
  request: AdmissionRequest,
) => AuthorizationDecision | undefined;

export interface VarsContext {
  readonly namespaces: NamespaceSource;
  /** Absent: nobody answers. */
  readonly authorize?: Authorize;
  /** Answers what Kyverno's policies ask; absent: nobody. */
  readonly ask?: AskContext;
  readonly parseYaml?: ParseYaml;
  /** Milliseconds since 1970, for exceptions that end; absent: none does. */
  readonly now?: () => number;
  /** The objects that policies look up; absent: nothing is known of them. */
  readonly surroundings?: LookedUp;
}

/**
 * What expressions read, one property a variable. What few policies read is made when first read. Properties that are
 * not CEL names start with `$`.
 */
export class Vars {
  object: unknown;
  oldObject: unknown;
  params: unknown = null;
  variables: object = NO_VARIABLES;
  /** What the policy looks up. */
  related: object = NO_VARIABLES;
  pod: unknown = null;
  containers: unknown = null;
  /** What Kyverno's exceptions allow. */
  exceptions: unknown = NO_EXCEPTIONS;
  readonly $request: AdmissionRequest;
  readonly $matched: MatchedResource;
  readonly $context: VarsContext;
  readonly $condition: boolean;
  /** Of Kyverno's namespaced policies; empty for all others. */
  $policyNamespace = '';
  $kyverno: { readonly namespace: string; readonly context: KyvernoContext } | undefined;
  $requestObject: object | undefined;
  $namespaceObject: object | null | undefined;
  $authorizer: Value | undefined;
  $requestResource: Value | undefined;
  /** Whether `request` holds the objects, as Kyverno's does. */
  $wholeRequest = false;
  $requestWithObjects: { readonly absent: object | null; readonly request: object } | undefined;
  $absentInRequest: object | null = null;
  /** Whether a namespace that the files define holds nothing but what is in them. */
  $presumes = true;
  /** Whether something hung on that. */
  $presumed = false;
  /** When all that is said of the request has to be said; undefined: whenever. */
  $deadline: Stopwatch | undefined = undefined;
  /** Messages and audit annotations run without the authorizer, also for the variables they read. */
  $withoutAuthorizer = false;

  /** @param condition Match conditions see the request's own resource, and never a namespace. */
  constructor(request: AdmissionRequest, matched: MatchedResource, context: VarsContext, condition: boolean) {
    this.$request = request;
    this.$matched = matched;
    this.$context = context;
    this.$condition = condition;
    this.object = converted(request.object, matched);
    this.oldObject = converted(request.oldObject, matched);
  }

  /**
   * Whether an object that is absent (the new one of a deletion, the old one of a creation) is an empty one, or null.
   *
   * @param inRequest The same of those in the request.
   */
  $showAbsent(asEmpty: boolean, inRequest: boolean): void {
    this.$absentInRequest = inRequest ? ABSENT : null;
    if (asEmpty) {
      this.object ??= ABSENT;
      this.oldObject ??= ABSENT;
    } else {
      if (this.object === ABSENT) this.object = null;
      if (this.oldObject === ABSENT) this.oldObject = null;
    }
  }

  get request(): object {
    const { trigger } = this.$request;
    const shown = trigger ?? this.$request;
    const matched = trigger === undefined ? this.$matched : trigger;
    this.$requestObject ??= requestObject(shown, matched, this.$condition);
    if (!this.$wholeRequest) return this.$requestObject;
    const { object, oldObject } = shown;
    const absent = this.$absentInRequest;
    if (this.$requestWithObjects?.absent !== absent) {
      const request = withObjects(this.$requestObject, object ?? absent, oldObject ?? absent);
      this.$requestWithObjects = { absent, request };
    }
    return this.$requestWithObjects!.request;
  }

  get namespaceObject(): object | null {
    if (this.$namespaceObject === undefined) {
      const { namespace, resource, trigger } = this.$request;
      const none =
        this.$condition || trigger !== undefined || namespace === '' || isNamespaceResource(resource);
      this.$namespaceObject = none ? null : namespaceObject(this.$context.namespaces, namespace);
    }
    return this.$namespaceObject;
  }

  get authorizer(): Value {
    this.$requireAuthorizer('authorizer');
    this.$authorizer ??= createAuthorizer(this.$ask());
    return this.$authorizer;
  }

  get 'authorizer.requestResource'(): Value {
    this.$requireAuthorizer('authorizer.requestResource');
    this.$requestResource ??= requestResource(this.$ask(), this.$request);
    return this.$requestResource;
  }

  get resource(): Value {
    return this.$kyvernoContext().resource;
  }

  get http(): Value {
    return this.$kyvernoContext().http;
  }

  get globalContext(): Value {
    return this.$kyvernoContext().globalContext;
  }

  get image(): Value {
    return this.$kyvernoContext().image;
  }

  get json(): Value {
    return this.$kyvernoContext().json;
  }

  get yaml(): Value {
    return this.$kyvernoContext().yaml;
  }

  /** Made anew for each namespace that policies are in: it bounds what they may ask. */
  $kyvernoContext(): KyvernoContext {
    const namespace = this.$policyNamespace;
    if (this.$kyverno?.namespace !== namespace) {
      const { ask = NOBODY, parseYaml = NO_YAML } = this.$context;
      const where = namespace === '' ? {} : { namespace };
      this.$kyverno = { namespace, context: createKyvernoContext({ ask, parseYaml, ...where }) };
    }
    return this.$kyverno.context;
  }

  $requireAuthorizer(name: string): void {
    if (this.$withoutAuthorizer) {
      throw new CelError('no-such-attribute', `no such attribute(s): ${name}`);
    }
  }

  $ask(): (check: AuthorizationCheck) => AuthorizationDecision | undefined {
    const { $request, $context } = this;
    return (check) => {
      if (check.subject.kind === 'request-user' && $request.userInfo === undefined) {
        throw needsUser('the authorizer');
      }
      return $context.authorize?.(check, $request);
    };
  }
}

function requestResource(
  ask: (check: AuthorizationCheck) => AuthorizationDecision | undefined,
  { resource, subresource, namespace, name }: AdmissionRequest,
): Value {
  const { group } = resource;
  return createRequestResource(ask, { group, resource: resource.resource, subresource, namespace, name });
}

const NOBODY: AskContext = () => undefined;
const NO_YAML: ParseYaml = () => ({ error: 'no YAML parser is at hand' });

/** Nothing is allowed beyond the policy. */
export const NO_EXCEPTIONS: Value = createExceptions();

const ABSENT: object = Object.freeze(Object.create(null));
const NO_VARIABLES: object = Object.freeze(Object.create(null));

function needsUser(what: string): CelError {
  return new CelError('needs-user', `the policy asks ${what}, and nobody is known to make the request`);
}

/** Other versions of the same shape differ in `apiVersion` alone. */
function converted(object: JsonMap | null, { conversion, kind }: MatchedResource): JsonMap | null {
  if (conversion !== 'same-shape' || object === null) return object;
  return { ...object, apiVersion: kind.group === '' ? kind.version : `${kind.group}/${kind.version}` };
}

/**
 * `request`: an AdmissionRequest; empty optional fields are absent, as in its JSON. Its type has no uid, object and
 * oldObject; who looks behind the type, `dyn(request).uid`, finds them empty.
 * Source: apiserver pkg/admission/plugin/cel, CreateAdmissionRequest.
 */
function requestObject(
  request: AdmissionRequest,
  matched: Pick<MatchedResource, 'kind' | 'resource'>,
  condition: boolean,
): object {
  const { subresource, name, namespace, userInfo, original = request } = request;
  const result: Record<string, unknown> = {
    kind: matched.kind,
    resource: condition ? request.resource : matched.resource,
    requestKind: original.kind,
    requestResource: original.resource,
    uid: '',
    operation: request.operation,
    object: null,
    oldObject: null,
    dryRun: request.dryRun,
    options: request.options,
  };
  if (subresource !== '') {
    result['subResource'] = subresource;
    result['requestSubResource'] = original.subresource;
  }
  if (name !== '') result['name'] = name;
  if (namespace !== '') result['namespace'] = namespace;
  if (userInfo !== undefined) result['userInfo'] = userObject(userInfo);
  else {
    Object.defineProperty(result, 'userInfo', {
      enumerable: true,
      get: () => {
        throw needsUser('request.userInfo');
      },
    });
  }
  return result;
}

/** Getters stay getters. */
function withObjects(request: object, object: object | null, oldObject: object | null): object {
  const whole: object = Object.defineProperties({}, Object.getOwnPropertyDescriptors(request));
  return Object.assign(whole, { object, oldObject });
}

function userObject(user: UserInfo): object {
  const result: Record<string, unknown> = {};
  if (user.username !== undefined && user.username !== '') result['username'] = user.username;
  if (user.uid !== undefined && user.uid !== '') result['uid'] = user.uid;
  if (user.groups !== undefined && user.groups.length > 0) result['groups'] = user.groups;
  if (user.extra !== undefined && Object.keys(user.extra).length > 0) result['extra'] = user.extra;
  return result;
}
