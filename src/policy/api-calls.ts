/** What policies ask the API server itself while they decide: rights of users, and objects that no watch is kept of. */
import type { Expr } from '../cel/ast.ts';
import { children } from '../cel/tree.ts';
import { type CompiledPolicy, isKyverno } from './form.ts';
import type { Program } from './program.ts';

export interface ApiCalls {
  /** Whether any may ask the authorizer. */
  readonly authorizer: boolean;
  /** Whose kind stands in the expression. */
  readonly reads: readonly ApiRead[];
  /** Ids of policies that say only when they are evaluated of which kind. */
  readonly computed: readonly string[];
}

/** One `resource.get` or `resource.list`: of a resource (`configmaps`), or of the one that a kind is (`toGVR`). */
export interface ApiRead {
  readonly verb: 'get' | 'list';
  readonly apiVersion: string;
  readonly of: { readonly resource: string } | { readonly kind: string };
}

/** Never too little: what stands in an expression counts, whether it is evaluated or not. */
export function apiCalls(policies: readonly CompiledPolicy[]): ApiCalls {
  const reads: ApiRead[] = [];
  const computed = new Set<string>();
  let authorizer = false;
  for (const policy of policies)
    for (const program of programsOf(policy)) {
      const found = callsIn(program.ast.expr, isKyverno(policy.dialect));
      authorizer ||= found.authorizer;
      reads.push(...found.reads);
      if (found.computed) computed.add(policy.id);
    }
  return { authorizer, reads, computed: [...computed] };
}

function programsOf(policy: CompiledPolicy): Program[] {
  const code = policy.code();
  return [
    ...code.matchConditions,
    ...code.variables,
    ...code.validations,
    ...code.messages,
    ...code.places,
    ...code.auditAnnotations,
    ...code.exceptions.flat(),
    ...code.mutations,
    ...(code.targets === null ? [] : [code.targets.expression, ...code.targets.matchConditions]),
  ].filter((program) => program !== null);
}

/** @param asks Whether `resource` is the library of that name. */
function callsIn(
  root: Expr,
  asks: boolean,
): { readonly authorizer: boolean; readonly reads: readonly ApiRead[]; readonly computed: boolean } {
  const reads: ApiRead[] = [];
  let authorizer = false;
  let computed = false;
  const visit = (expr: Expr): void => {
    if (expr.kind === 'ident' && expr.name === 'authorizer') authorizer = true;
    // Whatever it is handed to may ask for anything.
    if (asks && expr.kind === 'ident' && expr.name === 'resource') computed = true;
    if (asks && expr.kind === 'call' && isResource(expr.target)) {
      const read = readOf(expr.function, expr.args);
      if (read === 'computed') computed = true;
      else if (read !== undefined) reads.push(read);
      for (const arg of expr.args) visit(arg);
    } else for (const child of children(expr)) visit(child);
  };
  visit(root);
  return { authorizer, reads, computed };
}

function isResource(expr: Expr | undefined): boolean {
  return expr?.kind === 'ident' && expr.name === 'resource';
}

/** Undefined: nothing is read. */
function readOf(name: string, [first, second]: readonly Expr[]): ApiRead | 'computed' | undefined {
  const verb = name.toLowerCase();
  if (verb !== 'get' && verb !== 'list') return undefined;
  const [apiVersion, resource] = [textOf(first), textOf(second)];
  if (apiVersion !== undefined)
    return resource === undefined ? 'computed' : { verb, apiVersion, of: { resource } };
  if (first?.kind !== 'call' || !isResource(first.target)) return 'computed';
  const [version, kind] = first.args.map(textOf);
  return version === undefined || kind === undefined
    ? 'computed'
    : { verb, apiVersion: version, of: { kind } };
}

function textOf(expr: Expr | undefined): string | undefined {
  return expr?.kind === 'const' && expr.value.type === 'string' ? expr.value.value : undefined;
}
