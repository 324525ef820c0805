/**
 * Authorization checks (k8s.io/apiserver pkg/cel/library/authz.go). Who decides is injected: the cluster, a file of
 * answers, or nobody; then a check is an error that says what is missing, never an answer.
 */
import { CelError } from '../errors.ts';
import type { Library } from '../library.ts';
import { BOOL, object, STRING, type Type } from '../types.ts';
import type { Opaque } from '../values.ts';
import { selector } from './costs.ts';
import { declare, member } from './declare.ts';
import { dns1123LabelErrors, dns1123SubdomainErrors } from './name-formats.ts';
import { trim } from './strings.ts';

/** Whose rights are asked about: the user of the request, or a service account that the expression names. */
type Subject =
  | { readonly kind: 'request-user' }
  | { readonly kind: 'service-account'; readonly namespace: string; readonly name: string };

/** One question; selectors are as written, unparsed. Empty means unset. */
export type AuthorizationCheck = { readonly subject: Subject; readonly verb: string } & (
  | { readonly kind: 'path'; readonly path: string }
  | ({ readonly kind: 'resource' } & CheckedResource)
);

export interface CheckedResource {
  readonly group: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  readonly fieldSelector: string;
  readonly labelSelector: string;
}

export interface AuthorizationDecision {
  /** False also when the authorizer has no opinion. */
  readonly allowed: boolean;
  readonly reason?: string;
  /** What went wrong when deciding. */
  readonly error?: string;
}

/** Answers a check, or undefined when it does not know. */
export type Authorize = (check: AuthorizationCheck) => AuthorizationDecision | undefined;

export const AUTHORIZER_TYPE = object('kubernetes.authorization.Authorizer');
const PATH_CHECK = object('kubernetes.authorization.PathCheck');
const GROUP_CHECK = object('kubernetes.authorization.GroupCheck');
export const RESOURCE_CHECK_TYPE = object('kubernetes.authorization.ResourceCheck');
const DECISION = object('kubernetes.authorization.Decision');

/** Upstream cannot compare these at all, not even with themselves. */
function incomparable(): never {
  throw new CelError('no-such-overload', 'no such overload');
}

abstract class AuthorizationValue implements Opaque {
  abstract get $type(): Type;
  $equals(): boolean {
    return incomparable();
  }
}

interface Source {
  readonly subject: Subject;
  readonly authorize: Authorize | undefined;
}

export class Authorizer extends AuthorizationValue {
  readonly $source: Source;
  constructor(source: Source) {
    super();
    this.$source = source;
  }
  get $type(): Type {
    return AUTHORIZER_TYPE;
  }
}

class PathCheck extends AuthorizationValue {
  readonly $source: Source;
  readonly $path: string;
  constructor(source: Source, path: string) {
    super();
    this.$source = source;
    this.$path = path;
  }
  get $type(): Type {
    return PATH_CHECK;
  }
}

class GroupCheck extends AuthorizationValue {
  readonly $source: Source;
  readonly $group: string;
  constructor(source: Source, group: string) {
    super();
    this.$source = source;
    this.$group = group;
  }
  get $type(): Type {
    return GROUP_CHECK;
  }
}

export class ResourceCheck extends AuthorizationValue {
  readonly $source: Source;
  readonly $resource: CheckedResource;
  constructor(source: Source, resource: CheckedResource) {
    super();
    this.$source = source;
    this.$resource = resource;
  }
  get $type(): Type {
    return RESOURCE_CHECK_TYPE;
  }
}

class Decision extends AuthorizationValue {
  readonly $decision: AuthorizationDecision;
  constructor(decision: AuthorizationDecision) {
    super();
    this.$decision = decision;
  }
  get $type(): Type {
    return DECISION;
  }
}

const REQUEST_USER: Subject = { kind: 'request-user' };

const UNSET: CheckedResource = {
  group: '',
  resource: '',
  subresource: '',
  namespace: '',
  name: '',
  fieldSelector: '',
  labelSelector: '',
};

/** The value of the variable `authorizer`. Without `authorize`, checks are the error `needs-user`. */
export function createAuthorizer(authorize: Authorize | undefined): Authorizer {
  return new Authorizer({ subject: REQUEST_USER, authorize });
}

/** The value of the variable `authorizer.requestResource`. */
export function createRequestResource(
  authorize: Authorize | undefined,
  resource: Pick<CheckedResource, 'group' | 'resource' | 'subresource' | 'namespace' | 'name'>,
): ResourceCheck {
  return new ResourceCheck({ subject: REQUEST_USER, authorize }, { ...UNSET, ...resource });
}

function ask({ subject, authorize }: Source, check: AuthorizationCheck): Decision {
  if (authorize === undefined && subject.kind === 'request-user') {
    throw new CelError('needs-user', 'an authorization check needs the user of the request');
  }
  const decision = authorize?.(check);
  if (decision === undefined) {
    throw new CelError('needs-answer', `no answer to the authorization check: ${describe(check)}`);
  }
  return new Decision(decision);
}

function describe(check: AuthorizationCheck): string {
  if (check.kind === 'path') return `${check.verb} ${check.path}`;
  const { group, resource, subresource, namespace, name } = check;
  const kind = [resource, subresource].filter((part) => part !== '').join('/');
  const object = [namespace, name].filter((part) => part !== '').join('/');
  return `${check.verb} ${kind}${group === '' ? '' : `.${group}`}${object === '' ? '' : ` ${object}`}`;
}

const refuse = (message: string): never => {
  throw new CelError('invalid-argument', message);
};

function path({ $source }: Authorizer, text: string): PathCheck {
  if (trim(text) === '') refuse('path must not be empty');
  return new PathCheck($source, text);
}

function serviceAccount({ $source }: Authorizer, namespace: string, name: string): Authorizer {
  if (dns1123SubdomainErrors(name).length > 0) refuse('Invalid service account name');
  if (dns1123LabelErrors(namespace).length > 0) refuse('Invalid service account namespace');
  return new Authorizer({ ...$source, subject: { kind: 'service-account', namespace, name } });
}

function resource({ $source, $group }: GroupCheck, text: string): ResourceCheck {
  if (trim(text) === '') refuse('resource must not be empty');
  return new ResourceCheck($source, { ...UNSET, group: $group, resource: text });
}

/** `<ResourceCheck>.f(text)`: the same check with one more thing set. */
const setting = (field: keyof CheckedResource) => (check: ResourceCheck, text: string) =>
  new ResourceCheck(check.$source, { ...check.$resource, [field]: text });

function checkPath({ $source, $path }: PathCheck, verb: string): Decision {
  return ask($source, { kind: 'path', subject: $source.subject, verb, path: $path });
}

function checkResource({ $source, $resource }: ResourceCheck, verb: string): Decision {
  return ask($source, { kind: 'resource', subject: $source.subject, verb, ...$resource });
}

/** Two checks fit into the budget of an expression. */
const CHECK_COST = () => 350_000;

const on = (field: 'subresource' | 'namespace' | 'name', id: string) => [
  member(id, [RESOURCE_CHECK_TYPE, STRING], RESOURCE_CHECK_TYPE, setting(field)),
];

export const authz: Library = Object.freeze({
  name: 'kubernetes.authz',
  since: 27,
  functions: declare({
    path: [member('authorizer_path', [AUTHORIZER_TYPE, STRING], PATH_CHECK, path)],
    group: [
      member(
        'authorizer_group',
        [AUTHORIZER_TYPE, STRING],
        GROUP_CHECK,
        (a: Authorizer, group: string) => new GroupCheck(a.$source, group),
      ),
    ],
    serviceAccount: [
      member('authorizer_serviceaccount', [AUTHORIZER_TYPE, STRING, STRING], AUTHORIZER_TYPE, serviceAccount),
    ],
    resource: [member('groupcheck_resource', [GROUP_CHECK, STRING], RESOURCE_CHECK_TYPE, resource)],
    subresource: on('subresource', 'resourcecheck_subresource'),
    namespace: on('namespace', 'resourcecheck_namespace'),
    name: on('name', 'resourcecheck_name'),
    check: [
      member('pathcheck_check', [PATH_CHECK, STRING], DECISION, checkPath, CHECK_COST),
      member('resourcecheck_check', [RESOURCE_CHECK_TYPE, STRING], DECISION, checkResource, CHECK_COST),
    ],
    errored: [member('decision_errored', [DECISION], BOOL, (d: Decision) => d.$decision.error !== undefined)],
    error: [member('decision_error', [DECISION], STRING, (d: Decision) => d.$decision.error ?? '')],
    allowed: [member('decision_allowed', [DECISION], BOOL, (d: Decision) => d.$decision.allowed)],
    reason: [member('decision_reason', [DECISION], STRING, (d: Decision) => d.$decision.reason ?? '')],
  }),
});

/** fieldSelector, labelSelector. */
export const authzSelectors: Library = Object.freeze({
  name: 'kubernetes.authz-selectors',
  since: 31,
  functions: declare({
    fieldSelector: [
      member(
        'authorizer_fieldselector',
        [RESOURCE_CHECK_TYPE, STRING],
        RESOURCE_CHECK_TYPE,
        setting('fieldSelector'),
        selector,
      ),
    ],
    labelSelector: [
      member(
        'authorizer_labelselector',
        [RESOURCE_CHECK_TYPE, STRING],
        RESOURCE_CHECK_TYPE,
        setting('labelSelector'),
        selector,
      ),
    ],
  }),
});
