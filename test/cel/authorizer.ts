/** An authorizer that answers from a table, the same one on both sides (test/interop/cel_authorizer.go). */
import type { Value } from '../../src/cel/index.ts';
import {
  AUTHORIZER_TYPE,
  type AuthorizationCheck,
  type AuthorizationDecision,
  createAuthorizer,
  createRequestResource,
  RESOURCE_CHECK_TYPE,
} from '../../src/cel/libraries/authz.ts';

export interface TableAuthorizer {
  readonly user: string;
  /** The resource of the request. */
  readonly resource: {
    readonly group: string;
    readonly version: string;
    readonly resource: string;
    readonly subresource: string;
    readonly namespace: string;
    readonly name: string;
  };
  /** By `user verb /path` or `user verb group/resource/subresource namespace/name`. Anything else: no opinion. */
  readonly answers: Readonly<Record<string, TableDecision>>;
}

interface TableDecision {
  readonly decision: 'allow' | 'deny' | '';
  readonly reason?: string;
  readonly error?: string;
}

export const authorizerTypes = {
  authorizer: AUTHORIZER_TYPE,
  'authorizer.requestResource': RESOURCE_CHECK_TYPE,
};

export function authorizerVariables(table: TableAuthorizer): Record<string, Value> {
  const authorize = (check: AuthorizationCheck): AuthorizationDecision => {
    const answer = table.answers[keyOf(table, check)];
    if (answer === undefined) return { allowed: false };
    const { decision, ...rest } = answer;
    return { allowed: decision === 'allow', ...rest };
  };
  return {
    authorizer: createAuthorizer(authorize),
    'authorizer.requestResource': createRequestResource(authorize, table.resource),
  };
}

function keyOf(table: TableAuthorizer, check: AuthorizationCheck): string {
  const { subject, verb } = check;
  const user =
    subject.kind === 'request-user'
      ? table.user
      : `system:serviceaccount:${subject.namespace}:${subject.name}`;
  if (check.kind === 'path') return `${user} ${verb} ${check.path}`;
  return `${user} ${verb} ${check.group}/${check.resource}/${check.subresource} ${check.namespace}/${check.name}`;
}
