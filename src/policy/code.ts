import { JSON_PATCH_TYPE, OBJECT_TYPE } from '../cel/libraries/index.ts';
import { ANY, BOOL, DYN, listOf, mapOf, NULL, STRING, type Type } from '../cel/types.ts';
import type { ResourceOrigin } from '../model/index.ts';
import { deferred } from './deferred.ts';
import {
  type CodeIssue,
  type CompiledPolicy,
  type Expression,
  isKyverno,
  type PolicyCode,
  type TargetCode,
} from './form.ts';
import type { CompileExpression, Names, Program } from './program.ts';

/** The parts of a policy that hold expressions. */
export type Coded = Pick<
  CompiledPolicy,
  | 'dialect'
  | 'subject'
  | 'template'
  | 'paramKind'
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
  const names: Names = {
    params: policy.paramKind !== null,
    authorizer: ['native', 'vap', 'clusterpolicy'].includes(policy.dialect),
    pods: policy.subject === 'pod',
    patches: false,
    variables: types,
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
    if (result.ok) return result.program;
    for (const issue of result.issues)
      issues.push(origin === undefined ? { expression, issue } : { expression, issue, origin });
    // Code with issues is never run; what follows is compiled all the same, to find their issues too.
    return undefined as unknown as Program;
  };
  const optional = (expression: Expression | null, sees: Names, expected: readonly Type[] | null) =>
    expression === null
      ? null
      : lazy
        ? deferred(() => one(expression, sees, expected))
        : one(expression, sees, expected);
  // Kyverno's expressions all live in one environment, where they may change something.
  const mutates = isKyverno(policy.dialect) && policy.mutations.length > 0;
  const conditionNames: Names = mutates ? { ...names, patches: true } : { ...names, variables: null };
  // Of a constraint only its template's variables see it; everything else sees `variables.params`.
  const variableNames: Names =
    policy.dialect === 'gatekeeper'
      ? { ...names, params: true }
      : mutates
        ? { ...names, patches: true, template: null }
        : names;
  const messageNames: Names = { ...names, authorizer: false };
  // An exception is about the object, whichever reading of the policy it is an exception to.
  const exceptionNames: Names = { ...names, variables: null, template: null, exceptions: false };
  const mergedNames: Names = { ...names, patches: true };
  // A patch of Kyverno's names places in the object itself.
  const patchNames: Names = mutates ? { ...mergedNames, template: null } : mergedNames;
  const conditions = () =>
    policy.matchConditions.map(({ expression }) => one(expression, conditionNames, [BOOL]));
  const blind = mutates ? null : conditions();
  const variables = policy.variables.map(({ name, expression }) => {
    const program = one(expression, variableNames, null);
    types.set(name, program === undefined ? DYN : keeps(program.outputType));
    return program;
  });
  return {
    matchConditions: blind ?? conditions(),
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
