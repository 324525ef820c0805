/** A policy in logic, for one kind of request. */
import type { Expr } from '../../cel/ast.ts';
import type { Discovery, Resource } from '../../model/index.ts';
import type { CompiledPolicy, Expression } from '../form.ts';
import { matchFormula, type Target } from './applies.ts';
import { breaksOf } from './breaks.ts';
import { and, conjuncts, type Formula, or } from './formula.ts';
import { templateOf } from './pod-view.ts';
import { createReducer, expressionOf, type Surroundings, TooLarge } from './reduce.ts';
import type { KindStructure } from './structure.ts';
import { literal } from './terms.ts';
import { canonicalText } from './text.ts';
import { createTranslator, type Shape } from './translate.ts';

/** What a policy asks of the objects it is about. */
export interface Asked {
  /** Implied by the policy being applied. */
  readonly applies: Formula;
  /** All implied by the policy being met; no two are the same. */
  readonly clauses: readonly Clause[];
  readonly passes: Formula;
  /** Whether other objects of the kind are let through unasked. */
  readonly conditional: boolean;
  /** Whether expressions look at the object before an update, or at the operation. */
  readonly readsUpdate: boolean;
}

export interface Clause {
  readonly formula: Formula;
  /** The validation it is a part of. */
  readonly validation: string;
  readonly expression: Expression;
}

export function askedOf(
  policy: CompiledPolicy,
  target: Target,
  structure: KindStructure,
  objects: readonly Resource[],
  discovery: Discovery,
): Asked {
  const reduce = createReducer();
  const names = namesOf(policy, structure, objects);
  const variables = new Map<string, Expr>();
  const { operation, info } = target;
  const surroundings: Surroundings = { variables, names, operation, kind: info.kind };
  const code = policy.code();
  const reduced = (expr: Expr, of: Surroundings = surroundings): Expr => {
    try {
      return reduce(expr, of);
    } catch (error) {
      if (!(error instanceof TooLarge)) throw error;
      return { kind: 'ident', id: 0, name: 'an expression that is too large' };
    }
  };
  const pod = podOf(structure);
  let viewsPod = policy.subject === 'pod';
  policy.variables.forEach(({ name }, i) => {
    const value = reduced(code.variables[i]!.ast.expr);
    const template = pod === undefined ? undefined : templateOf(value);
    const isView = template !== undefined && canonicalText(template) === canonicalText(pod!);
    viewsPod ||= isView;
    variables.set(name, isView ? template : value);
  });
  const viewed = viewsPod ? `object${structure.pods}/metadata` : undefined;
  // The view that native policies have of a pod shows metadata, if empty.
  const isGiven = (path: string) => path === viewed || structure.isGiven(path);
  const shape: Shape = { typesOf: structure.typesOf, isGiven };
  const translator = createTranslator(shape, policy.id);
  // Conditions see no namespace, whatever the request's is.
  const conditionNames = new Map(names).set('namespaceObject', literal(null));
  const conditions = code.matchConditions.map(({ ast }) =>
    translator.holds(reduced(ast.expr, { ...surroundings, names: conditionNames })),
  );
  const selected = matchFormula(policy, target, discovery);
  const clauses = policy.validations.flatMap(({ name, expression }, i): Clause[] => {
    const expr = reduced(code.validations[i]!.ast.expr);
    const holds = translator.holds(expr);
    // Under Ignore an evaluation that fails lets the request pass.
    const met = policy.failurePolicy === 'Fail' ? holds : or(holds, breaksOf(expr, shape, policy.id));
    return conjuncts(met).map((formula) => ({ formula, validation: name, expression }));
  });
  const unique = [...new Map(clauses.map((clause) => [clause.formula.key, clause])).values()];
  return {
    applies: and(selected, ...conditions),
    clauses: unique,
    passes: and(...unique.map(({ formula }) => formula)),
    conditional: selected.kind !== 'true' || conditions.some(({ kind }) => kind !== 'true'),
    readsUpdate: readsUpdate(policy),
  };
}

function readsUpdate({ matchConditions, variables, validations }: CompiledPolicy): boolean {
  // What a dialect puts before the policy's own variables stands nowhere in the document.
  return [...matchConditions, ...variables, ...validations].some(
    ({ expression: { text, pointer } }) =>
      pointer !== '' && /\boldObject\b|\brequest\s*\.\s*operation\b/.test(text),
  );
}

/** Where the pod (template) of a kind is; undefined for kinds that carry none. */
function podOf({ pods }: KindStructure): Expr | undefined {
  if (pods === undefined) return undefined;
  const steps = pods === '' ? [] : pods.slice(1).split('/');
  return steps.reduce<Expr>((at, step) => field(at, step), { kind: 'ident', id: 0, name: 'object' });
}

function namesOf(
  policy: CompiledPolicy,
  structure: KindStructure,
  objects: readonly Resource[],
): ReadonlyMap<string, Expr> {
  const names = new Map<string, Expr>([['params', paramsOf(policy, objects)]]);
  const pod = podOf(structure);
  if (policy.subject !== 'pod' || pod === undefined) return names;
  const spec = field(pod, 'spec');
  const lists = [
    optionalList(spec, 'initContainers'),
    field(spec, 'containers'),
    optionalList(spec, 'ephemeralContainers'),
  ];
  names.set('pod', pod);
  names.set(
    'containers',
    lists.reduce((a, b) => ({ kind: 'call', id: 0, function: '_+_', args: [a, b] })),
  );
  return names;
}

function field(operand: Expr, name: string): Expr {
  return { kind: 'select', id: 0, operand, field: name, testOnly: false };
}

function optionalList(operand: Expr, name: string): Expr {
  const target: Expr = { kind: 'call', id: 0, function: '_?._', args: [operand, literal(name)] };
  const empty: Expr = { kind: 'list', id: 0, elements: [], optionalIndices: [] };
  return { kind: 'call', id: 0, target, function: 'orValue', args: [empty] };
}

/** Parameters where they are known; else a name that no other policy's parameters have. */
function paramsOf({ id, bindings, paramKind }: CompiledPolicy, objects: readonly Resource[]): Expr {
  const unknown: Expr = { kind: 'ident', id: 0, name: `params(${id})` };
  const [binding, ...others] = bindings;
  if (binding === undefined || others.length > 0) return unknown;
  if (binding.params !== null) return expressionOf(binding.params);
  const { paramRef } = binding;
  if (paramKind === null || paramRef === null || paramRef.name === '' || paramRef.namespace === '')
    return unknown;
  const found = objects.filter(
    ({ ref }) =>
      ref.kind === paramKind.kind &&
      ref.apiVersion === paramKind.apiVersion &&
      ref.name === paramRef.name &&
      ref.namespace === paramRef.namespace,
  );
  return found.length === 1 ? expressionOf(found[0]!.object) : unknown;
}
