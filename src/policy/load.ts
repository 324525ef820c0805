import type { Exemption, Problem, Resource } from '../model/index.ts';
import { compileCode } from './code.ts';
import type { LoadedBinding } from './dialects/admission.ts';
import { loadGatekeeper } from './dialects/gatekeeper/load.ts';
import type { PolicyParts } from './dialects/parts.ts';
import type { Binding, CompiledPolicy, Exception, Expansion } from './form.ts';
import type { RuleException } from './match/blocks.ts';
import { globMatches } from './match/glob.ts';
import { didYouMean, nearest } from './nearest.ts';
import { once } from './once.ts';
import type { CompileExpression } from './program.ts';
import { keepPolicy, knownPolicy, type Reuse } from './reuse.ts';
import { DEFAULT_SETTINGS, type Settings } from './settings/settings.ts';
import { type FoundBinding, implicit, type Loaded, report, type Sorted, sortOut } from './sort.ts';
import { createPlaces, type Places, type PolicySource } from './source/places.ts';

/** Policies ready to be evaluated, and what was wrong with the others. */
export interface PolicySet {
  /** Sorted by id. */
  readonly policies: readonly CompiledPolicy[];
  /** Policies that no validation of applies to under the settings: not evaluated, never counted as passed. */
  readonly inactive: readonly CompiledPolicy[];
  /** Refused documents: each is an `error` result, exit code 3. */
  readonly problems: readonly Problem[];
  /** Said once, without effect on the exit code. */
  readonly warnings: readonly Problem[];
  /** Objects among the documents that are no policies: namespaces and parameters for the evaluation. */
  readonly objects: readonly Resource[];
  readonly settings: Settings;
  /** What Gatekeeper's constraints are asked about besides. */
  readonly expansions: readonly Expansion[];
  /** Applied by whoever decides: the evaluator does not look at them. */
  readonly exemptions: readonly Exemption[];
}

/** By dialect: each has the functions of whoever evaluates it in a cluster. */
export type Compilers = Readonly<Record<PolicyParts['dialect'], CompileExpression>>;

export interface LoadOptions {
  readonly compile: Compilers;
  readonly settings?: Settings;
  /** Finds lines and columns; without it problems point at the document's first line. */
  readonly source?: PolicySource;
  /**
   * True for documents that were compiled before (the built-in library): expressions are compiled when they first meet
   * a resource, and one that does not compile is then an error of that resource.
   */
  readonly lazy?: boolean;
  /** Milliseconds, for what expires; absent: nothing does. */
  readonly now?: number;
  /** Ids: others are read, and left out. */
  readonly only?: ReadonlySet<string>;
  /** Of an earlier load under the same settings; what this one comes to is added. */
  readonly reuse?: Reuse;
}

/**
 * Reads, validates, binds and compiles policies. Never throws for what is in the documents. Yields between pieces of work
 * of about a millisecond or less, so that whoever has something else to do can do it.
 */
export function* loadPolicies(
  documents: readonly Resource[],
  options: LoadOptions,
): Generator<void, PolicySet> {
  const { settings = DEFAULT_SETTINGS, only } = options;
  const places = createPlaces(options.source);
  const sorted = yield* sortOut(documents, { settings, now: options.now }, places, options.reuse?.readings);
  sorted.loaded.push(...loadConstraints(sorted, places));
  yield;
  const unique = yield* refuseDuplicates(sorted, places);
  yield;
  const excepted = withRuleExceptions(withExceptions(unique, sorted, places), sorted, places);
  yield;
  const bound = yield* bind(excepted, sorted, places);
  yield;
  const wanted = bound.flatMap(readings).filter(({ parts }) => only?.has(parts.id) ?? true);
  yield;
  const compiled = yield* compileAll(wanted, options, places);
  const inactive = compiled.policies.filter((policy) => isInactive(policy));
  return {
    policies: compiled.policies.filter((policy) => !isInactive(policy)),
    inactive,
    problems: [...sorted.problems, ...compiled.problems],
    warnings: sorted.warnings,
    objects: sorted.objects,
    settings,
    expansions: sorted.expansions,
    exemptions: sorted.exemptions,
  };
}

function isInactive(policy: CompiledPolicy): boolean {
  return (
    policy.validations.length === 0 && policy.auditAnnotations.length === 0 && policy.mutations.length === 0
  );
}

/** Constraints need their templates, wherever those stand among the documents. */
function loadConstraints(sorted: Sorted, places: Places): readonly Loaded[] {
  const { constraints, reports } = loadGatekeeper(sorted.templates, sorted.constraints);
  for (const { resource, faults } of reports) report(faults, resource, sorted, places);
  return constraints;
}

/**
 * Ids name policies in results, selections and exemptions: two of one id are refused, all but the first. Policies that
 * mutate have no results, and often the name of the one that validates the same thing.
 */
function* refuseDuplicates(sorted: Sorted, places: Places): Generator<void, Loaded[]> {
  const byId = new Map<string, Loaded>();
  for (const loaded of sorted.loaded) {
    const { id, mutations } = loaded.parts;
    const key = `${mutations.length > 0} ${id}`;
    const first = byId.get(key);
    if (first === undefined) byId.set(key, loaded);
    else {
      const where = `${first.resource.origin.file}:${first.resource.origin.line}`;
      const detail = `A second policy with the id "${id}"; the first stands in ${where}.`;
      sorted.problems.push(refusal(loaded.resource, detail, '/metadata/name', places));
    }
    yield;
  }
  return [...byId.values()].sort((a, b) => compare(a.parts.id, b.parts.id));
}

function refusal(resource: Resource, detail: string, pointer: string, places: Places): Problem {
  return places.problem({
    origin: resource.origin,
    reason: 'invalid-policy',
    detail,
    pointer,
    policy: resource.ref.name,
  });
}

/** Gives exceptions to the policies they name. */
function withExceptions(loaded: readonly Loaded[], sorted: Sorted, places: Places): readonly Loaded[] {
  if (sorted.exceptions.length === 0) return loaded;
  const byPolicy = new Map<Loaded, Exception[]>();
  for (const { resource, value } of sorted.exceptions)
    for (const { kind, name, pointer } of value.refs) {
      const named = loaded.filter(
        (entry) => entry.resource.ref.kind === kind && entry.resource.ref.name === name,
      );
      for (const entry of named) byPolicy.set(entry, [...(byPolicy.get(entry) ?? []), value.exception]);
      if (named.length === 0)
        sorted.warnings.push(exceptionToNone(resource, kind, name, pointer, loaded, places));
    }
  return loaded.map((entry) => {
    const exceptions = byPolicy.get(entry);
    return exceptions === undefined ? entry : { ...entry, parts: { ...entry.parts, exceptions } };
  });
}

function exceptionToNone(
  { origin }: Resource,
  kind: string,
  name: string,
  pointer: string,
  loaded: readonly Loaded[],
  places: Places,
): Problem {
  const known = loaded
    .filter(({ resource }) => resource.ref.kind === kind)
    .map(({ resource }) => resource.ref.name);
  const detail = `No ${kind} named "${name}" is loaded; the exception to it has no effect.${didYouMean(name, known)}`;
  return places.problem({ origin, reason: 'not-bound', detail, pointer });
}

/** Gives exceptions to the rules they name, each reading of a rule by its own name. */
function withRuleExceptions(loaded: readonly Loaded[], sorted: Sorted, places: Places): readonly Loaded[] {
  if (sorted.ruleExceptions.length === 0) return loaded;
  const byParts = new Map<PolicyParts, RuleException[]>();
  for (const { resource, value } of sorted.ruleExceptions)
    for (const { policy, rules, pointer } of value.refs) {
      const named = loaded
        .filter((entry) => entry.parts.dialect === 'clusterpolicy' && ruledBy(entry) === policy)
        .flatMap((entry) => [entry.parts, ...(entry.others ?? [])].map((parts) => ({ entry, parts })))
        .filter(({ entry, parts }) => rules.some((rule) => globMatches(rule, ruleName(entry, parts))));
      for (const { parts } of named) byParts.set(parts, [...(byParts.get(parts) ?? []), value.exception]);
      if (named.length === 0)
        sorted.warnings.push(
          places.problem({
            origin: resource.origin,
            reason: 'not-bound',
            detail: `No rule of "${policy}" that it names is loaded; the exception to it has no effect.`,
            pointer,
          }),
        );
    }
  const excepted = (parts: PolicyParts): PolicyParts => {
    const except = byParts.get(parts);
    const { filter } = parts;
    if (except === undefined || filter === null || !('except' in filter)) return parts;
    return { ...parts, filter: { ...filter, except } };
  };
  return loaded.map((entry) => {
    const { parts, others } = entry;
    return { ...entry, parts: excepted(parts), ...(others && { others: others.map(excepted) }) };
  });
}

/** The policy that a rule is of, as exceptions name it. */
function ruledBy({ resource: { ref } }: Loaded): string {
  return ref.kind === 'Policy' ? `${ref.namespace || 'default'}/${ref.name}` : ref.name;
}

function ruleName(entry: Loaded, { id, variant }: PolicyParts): string {
  return variant === '' ? id.slice(ruledBy(entry).length + 1) : variant;
}

/** Each reading of a policy is compiled by itself. */
function readings(bound: Bound): Bound[] {
  const { others = [], parts } = bound;
  return [bound, ...others.map((other) => ({ ...bound, parts: { ...other, exceptions: parts.exceptions } }))];
}

interface Bound extends Loaded {
  readonly bindings: readonly Binding[];
}

/**
 * Gives each policy its bindings. A policy of files without any is evaluated as if bound everywhere with Deny, and says
 * so; with a paramKind nobody can know which parameters were meant, so it is refused. Native policies need no binding:
 * without a configured stage they audit (rollout.md).
 */
function* bind(loaded: readonly Loaded[], sorted: Sorted, places: Places): Generator<void, Bound[]> {
  const bindings = {
    vap: yield* bindingsByPolicy('vap', loaded, sorted, places),
    map: yield* bindingsByPolicy('map', loaded, sorted, places),
  };
  const bound: Bound[] = [];
  for (const entry of loaded) {
    bound.push(...boundTo(entry, bindings, sorted, places));
    yield;
  }
  return bound;
}

type Bindings = Readonly<Record<FoundBinding['dialect'], ReadonlyMap<string, readonly Binding[]>>>;

function boundTo(entry: Loaded, bindings: Bindings, sorted: Sorted, places: Places): Bound[] {
  const { parts, resource, binding } = entry;
  if (binding !== undefined) return [{ ...entry, bindings: [binding] }];
  if (parts.dialect === 'native') return [{ parts, resource, bindings: [implicit('Audit')] }];
  const mutates = parts.dialect === 'map';
  const own = bindings[mutates ? 'map' : 'vap'].get(parts.id);
  if (own !== undefined) return [{ parts, resource, bindings: own }];
  if (parts.paramKind !== null) {
    sorted.problems.push(
      places.problem({
        origin: resource.origin,
        reason: 'needs-params',
        detail:
          'The policy has a paramKind, and no binding among the policies says which parameters it takes.',
        pointer: '/spec/paramKind',
        policy: parts.id,
        help: `Give its ${parts.info.kind}Binding by --policies too.`,
      }),
    );
    return [];
  }
  sorted.warnings.push(
    places.problem({
      origin: resource.origin,
      reason: 'not-bound',
      detail: mutates
        ? 'No binding among the policies names it: it mutates as if bound everywhere (and nothing in a scan).'
        : 'No binding among the policies names it: evaluated as if bound everywhere with Deny.',
      pointer: '/metadata/name',
      policy: parts.id,
    }),
  );
  return [{ parts, resource, bindings: [mutates ? implicit() : implicit('Deny')] }];
}

function* bindingsByPolicy(
  of: FoundBinding['dialect'],
  loaded: readonly Loaded[],
  sorted: Sorted,
  places: Places,
): Generator<void, ReadonlyMap<string, readonly Binding[]>> {
  const ids = new Set(loaded.filter(({ parts }) => parts.dialect === of).map(({ parts }) => parts.id));
  const result = new Map<string, Binding[]>();
  const names = new Set<string>();
  for (const { resource, value, dialect } of sorted.bindings) {
    if (dialect !== of) continue;
    const { name } = value.binding;
    if (names.has(name)) {
      sorted.problems.push(refusal(resource, `A second binding named "${name}".`, '/metadata/name', places));
      continue;
    }
    names.add(name);
    if (!ids.has(value.policyName)) sorted.warnings.push(unknownPolicy(resource, value, ids, places));
    const list = result.get(value.policyName);
    if (list === undefined) result.set(value.policyName, [value.binding]);
    else list.push(value.binding);
    yield;
  }
  for (const list of result.values()) list.sort((a, b) => compare(a.name, b.name));
  return result;
}

/** In a cluster a binding may come before its policy; among files it is most often a misspelt name. */
function unknownPolicy(
  resource: Resource,
  { policyName }: LoadedBinding,
  ids: ReadonlySet<string>,
  places: Places,
): Problem {
  const near = nearest(policyName, ids);
  const hint = near === undefined ? '' : ` Did you mean "${near}"?`;
  return places.problem({
    origin: resource.origin,
    reason: 'not-bound',
    detail: `No policy named "${policyName}" is loaded; the binding has no effect.${hint}`,
    pointer: '/spec/policyName',
  });
}

function* compileAll(
  bound: readonly Bound[],
  options: LoadOptions,
  places: Places,
): Generator<void, { policies: CompiledPolicy[]; problems: Problem[] }> {
  const policies: CompiledPolicy[] = [];
  const problems: Problem[] = [];
  for (const entry of bound) {
    const policy = compileOne(entry, options);
    const issues = options.lazy === true ? [] : policy.code().issues;
    if (issues.length === 0) policies.push(policy);
    for (const { expression, issue, origin: elsewhere = policy.codeOrigin } of issues)
      addOnce(problems, places.expression(elsewhere, policy.id, expression, issue));
    yield;
  }
  return { policies, problems };
}

function compileOne(
  { parts, resource, code: written = resource, bindings }: Bound,
  { compile, lazy, reuse }: LoadOptions,
): CompiledPolicy {
  const code = once(() => compileCode(parts, compile[parts.dialect], lazy === true));
  const { origin } = resource;
  const policy: CompiledPolicy = { ...parts, origin, codeOrigin: written.origin, bindings, code };
  if (reuse === undefined) return policy;
  const known = knownPolicy(reuse, resource, policy);
  if (known === undefined) keepPolicy(reuse, resource, policy);
  return known ?? policy;
}

/** Constraints of one template share its expressions, and what is wrong with them. */
function addOnce(problems: Problem[], problem: Problem): void {
  const { file, line, column } = problem.origin;
  const known = problems.some(
    ({ detail, origin }) =>
      detail === problem.detail && origin.file === file && origin.line === line && origin.column === column,
  );
  if (!known) problems.push(problem);
}

/** Code-unit order: the same on every machine. */
export function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
