/**
 * Who may do what, for policies that ask: the API server's own answer, by SubjectAccessReview.
 * Source: k8s.io/api/authorization/v1.
 */
import type { AdmissionRequest, Authorize, UserInfo } from '../../policy/index.ts';
import type { Cluster } from '../../sources/index.ts';
import type { Right } from '../cluster/rbac.ts';
import { createKeptAnswers } from './kept-answers.ts';

export interface Authorizer {
  readonly authorize: Authorize;
  /** Asks what the evaluation of this request wanted to know; undefined: it wanted nothing that is not known. */
  askFor(request: AdmissionRequest): Promise<void> | undefined;
}

type Check = Parameters<Authorize>[0];
type Decision = NonNullable<ReturnType<Authorize>>;

/** As long as the API server's webhook authorizers keep a yes at the most by default is minutes; here a change of rights counts soon. */
const KEPT_MS = 10_000;
const ASK_MS = 2_000;
const PATH = '/apis/authorization.k8s.io/v1/subjectaccessreviews';

/** What it takes. */
export const AUTHORIZER: Right = {
  group: 'authorization.k8s.io',
  resource: 'subjectaccessreviews',
  verbs: ['create'],
};

export function createAuthorizer(cluster: Pick<Cluster, 'send'>, now: () => number): Authorizer {
  const kept = createKeptAnswers({ ask: (spec: object) => decided(cluster, spec), keptMs: KEPT_MS, now });
  return {
    // What policies see may be a copy of the request, but the user is the one that came.
    authorize: (check, { userInfo = NOBODY }) => kept.answer(specOf(check, userInfo), userInfo),
    askFor: ({ userInfo = NOBODY }) => kept.askFor(userInfo),
  };
}

const NOBODY: UserInfo = {};

async function decided(cluster: Pick<Cluster, 'send'>, spec: object): Promise<Decision> {
  try {
    const body = { apiVersion: 'authorization.k8s.io/v1', kind: 'SubjectAccessReview', spec };
    const answer = await cluster.send({ method: 'POST', path: PATH, body, withinMs: ASK_MS });
    const { allowed, reason, evaluationError } = (answer['status'] ?? {}) as {
      allowed?: boolean;
      reason?: string;
      evaluationError?: string;
    };
    return {
      allowed: allowed === true,
      ...(reason === undefined ? {} : { reason }),
      ...(evaluationError === undefined ? {} : { error: evaluationError }),
    };
  } catch (error) {
    // As the API server's own policies see it: not allowed, and why nobody knows.
    return { allowed: false, error: error instanceof Error ? error.message : String(error) };
  }
}

function specOf(check: Check, user: UserInfo): object {
  const attributes =
    check.kind === 'path'
      ? { nonResourceAttributes: { path: check.path, verb: check.verb } }
      : { resourceAttributes: resourceOf(check) };
  return { ...subjectOf(check, user), ...attributes };
}

function subjectOf({ subject }: Check, { username = '', uid, groups, extra }: UserInfo): object {
  if (subject.kind === 'request-user')
    return { user: username, ...(uid && { uid }), ...(groups && { groups }), ...(extra && { extra }) };
  const { namespace, name } = subject;
  return {
    user: `system:serviceaccount:${namespace}:${name}`,
    groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
  };
}

function resourceOf(check: Extract<Check, { readonly kind: 'resource' }>): object {
  const { group, resource, subresource, namespace, name, verb, fieldSelector, labelSelector } = check;
  return {
    group,
    version: '*',
    resource,
    verb,
    ...(subresource && { subresource }),
    ...(namespace && { namespace }),
    ...(name && { name }),
    ...(fieldSelector && { fieldSelector: { rawSelector: fieldSelector } }),
    ...(labelSelector && { labelSelector: { rawSelector: labelSelector } }),
  };
}
