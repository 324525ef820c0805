import type { Expr } from '../cel/ast.ts';
import { JSON_PATCH_TYPE, OBJECT_TYPE } from '../cel/libraries/index.ts';
import { ANY, BOOL, DYN, listOf, mapOf, NULL, STRING, type Type } from '../cel/types.ts';
import type { ResourceOrigin } from '../model/index.ts';
import { deferred } from './deferred.ts';
import { relatedType } from './environment/types.ts';
import {
  type CodeIssue,
  type CompiledPolicy,
  type Expression,
  isKyverno,
  type Lookup,
  type LookupCode,
  type PolicyCode,
  type TargetCode,
} from './form.ts';
import type { CompileExpression, Names, Program } from './program.ts';
import { type LookupValue, misuses, unfitValue } from './related/check.ts';
import { readsOf } from './related/reads.ts';

/** The parts of a policy that hold expressions. */
export type Coded = Pick<
  CompiledPolicy,
  | 'dialect'
  | 'subject'
  | 'template'
  | 'paramKind'
  | 'related'
  | 'matchConditions'
  | 'variables'
  | 'validations'
  | 'auditAnnotations'
  | 'exceptions'
  | 'mutations'
  | 'targets'
>;

/**
 * Compiles all expressions of a policy. Which names each kind of expression sees is the API server's table
 * (validating/plugin.go): conditions see no variables, messages no authorizer.
 *
 * @param lazy The policy is known to compile: messages and places may wait until they are asked for.
 */
export function compileCode(policy: Coded, compile: CompileExpression, lazy = false): PolicyCode {
  const issues: CodeIssue[] = [];
  const types = new Map<string, Type>();
  const relatedTypes = policy.related === undefined ? null : new Map<string, Type>();
  const names: Names = {
    params: policy.paramKind !== null,
    authorizer: ['native', 'vap', 'clusterpolicy'].includes(policy.dialect),
    pods: policy.subject === 'pod',
    patches: false,
    variables: types,
    related: relatedTypes,
    template: typeof policy.template === 'string' ? null : policy.template,
    exceptions: isKyverno(policy.dialect),
  };
  // Kyverno's variables keep whatever type they have.
  const keeps = isKyverno(policy.dialect) ? (type: Type) => type : declaredType;
  const one = (
    expression: Expression,
    sees: Names,
    expected: readonly Type[] | null,
    origin?: ResourceOrigin,
  ): Program => {
    const result = compile(expression.text, sees, expected);
    if (result.ok) {
      if (sees.related == null) return result.program;
      for (const issue of misuses(result.program.ast)) issues.push({ expression, issue });
      return result.program;
    }
    for (const issue of result.issues)
      issues.push(origin === undefined ? { expression, issue } : { expression, issue, origin });
    // Code with issues is never run; what follows is compiled all the same, to find their issues too.
    return undefined as unknown as Program;
  };
  const oneOf: CompileOne = (expression, sees, wanted) => {
    const program = one(expression, sees, null);
    const issue = program === undefined ? undefined : unfitValue(program, wanted);
    if (issue !== undefined) issues.push({ expression, issue });
    return program;
  };
  const optional = (expression: Expression | null, sees: Names, expected: readonly Type[] | null) =>
    expression === null
      ? null
      : lazy
        ? deferred(() => one(expression, sees, expected))
        : one(expression, sees, expected);
  // Kyverno's expressions all live in one environment, where they may change something.
  const mutates = isKyverno(policy.dialect) && policy.mutations.length > 0;
  const conditionNames: Names = mutates
    ? { ...names, patches: true }
    : { ...names, variables: null, related: null };
  // Of a constraint only its template's variables see it; everything else sees `variables.params`.
  const variableNames: Names =
    policy.dialect === 'gatekeeper'
      ? { ...names, params: true }
      : mutates
        ? { ...names, patches: true, template: null }
        : names;
  const messageNames: Names = { ...names, authorizer: false };
  // An exception is about the object, whichever reading of the policy it is an exception to.
  const exceptionNames: Names = {
    ...names,
    variables: null,
    related: null,
    template: null,
    exceptions: false,
  };
  const mergedNames: Names = { ...names, patches: true };
  // A patch of Kyverno's names places in the object itself.
  const patchNames: Names = mutates ? { ...mergedNames, template: null } : mergedNames;
  const conditions = () =>
    policy.matchConditions.map(({ expression }) => one(expression, conditionNames, [BOOL]));
  const blind = mutates ? null : conditions();
  const related = policy.related?.map((lookup) => {
    const code = lookupCode(lookup, { ...names, variables: null }, oneOf);
    relatedTypes?.set(lookup.name, listOf(relatedType(lookup)));
    return code;
  });
  const variables = policy.variables.map(({ name, expression }) => {
    const program = one(expression, variableNames, null);
    types.set(name, program === undefined ? DYN : keeps(program.outputType));
    return program;
  });
  const code: PolicyCode = {
    matchConditions: blind ?? conditions(),
    ...(related === undefined ? {} : { related }),
    variables,
    validations: policy.validations.map(({ expression }) => one(expression, names, [BOOL])),
    messages: policy.validations.map((v) => optional(v.messageExpression, messageNames, [STRING])),
    places: policy.validations.map(({ at }) => optional(at, messageNames, null)),
    auditAnnotations: policy.auditAnnotations.map((a) => one(a.valueExpression, names, [STRING, NULL])),
    exceptions: policy.exceptions.map(({ matchConditions, origin }) =>
      matchConditions.map(({ expression }) => one(expression, exceptionNames, [BOOL], origin)),
    ),
    mutations: policy.mutations.map(({ patchType, expression }) =>
      patchType === 'JSONPatch'
        ? one(expression, patchNames, [listOf(JSON_PATCH_TYPE)])
        : one(expression, mergedNames, [OBJECT_TYPE]),
    ),
    targets: targetsOf(policy.targets),
    issues,
  };
  return related === undefined || issues.length > 0 ? code : { ...code, reads: readsOf(treesOf(code)) };

  function targetsOf(targets: Coded['targets']): TargetCode | null {
    if (targets === null) return null;
    return {
      expression: one(targets.expression, conditionNames, [mapOf(STRING, ANY)]),
      matchConditions: targets.matchConditions.map(({ expression }) =>
        one(expression, conditionNames, [BOOL]),
      ),
    };
  }
}

/** All expressions that see the object. */
function treesOf({
  matchConditions,
  related = [],
  variables,
  validations,
  messages,
  places,
}: PolicyCode): Expr[] {
  const lookups = related.flatMap(({ namespace, ask }) => [namespace, ask]);
  return [...matchConditions, ...lookups, ...variables, ...validations, ...messages, ...places].flatMap(
    (program) => (program === null ? [] : [program.ast.expr]),
  );
}

type CompileOne = (expression: Expression, sees: Names, wanted: LookupValue) => Program;

/** The expressions of a lookup see the object and the lookups above it; those about candidates see nothing but `item`. */
function lookupCode(lookup: Lookup, sees: Names, one: CompileOne): LookupCode {
  const { namespace, by } = lookup;
  const above = new Map(sees.related);
  const names = { ...sees, related: above, authorizer: false };
  const wanted = by.kind === 'labels' || by.kind === 'selector' ? 'labels' : 'texts';
  const itemNames = { ...names, related: null, item: relatedType(lookup) };
  return {
    namespace: namespace === null || namespace === 'everywhere' ? null : one(namespace, names, 'text'),
    ask: by.kind === 'all' ? null : one(by.ask, names, wanted),
    item: 'item' in by ? one(by.item, itemNames, wanted) : null,
  };
}

/**
 * The type a variable is known by. The API server keeps simple types, lists and maps, and forgets the others
 * (composition.go, convertCelTypeToDeclType); knowing more would refuse policies that it accepts.
 */
function declaredType(type: Type): Type {
  switch (type.kind) {
    case 'bool':
    case 'bytes':
    case 'double':
    case 'duration':
    case 'int':
    case 'null':
    case 'string':
    case 'timestamp':
    case 'uint':
      return type;
    case 'list':
      return listOf(declaredType(type.element));
    case 'map':
      return mapOf(declaredType(type.key), declaredType(type.value));
    default:
      return DYN;
  }
}
