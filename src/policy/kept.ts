import { codeOf, createEnvironment, type Environment, type KeptProgram } from '../cel/index.ts';
import { jsonpatch, patchTypes } from '../cel/libraries/index.ts';
import { optionsOf, type Surroundings, surroundingsOf } from './compile.ts';
import type { CompiledPolicy, Dialect, Expression, Lookup, LookupCode, PolicyCode } from './form.ts';
import { compare, type PolicySet } from './load.ts';
import { once } from './once.ts';
import type { Program } from './program.ts';
import type { Reads } from './related/reads.ts';
import { RECOMMENDED } from './select.ts';

/** A policy without its programs: where they are kept instead. Plain data. */
type KeptPolicy = Omit<CompiledPolicy, 'code'> & { readonly programs: KeptCode };

/** Numbers of programs, in place of the programs of {@link PolicyCode}. */
interface KeptCode {
  readonly matchConditions: readonly number[];
  readonly related?: readonly KeptLookup[];
  readonly reads?: Reads;
  readonly variables: readonly number[];
  readonly validations: readonly number[];
  readonly messages: readonly (number | null)[];
  readonly places: readonly (number | null)[];
  readonly auditAnnotations: readonly number[];
  readonly exceptions: readonly (readonly number[])[];
  readonly mutations: readonly number[];
  readonly targets: { readonly expression: number; readonly matchConditions: readonly number[] } | null;
}

interface KeptLookup {
  readonly namespace: number | null;
  readonly ask: number | null;
  readonly item: number | null;
}

/** A set without its programs: plain data, to be kept between runs or sent to a thread. */
export interface KeptSet extends Omit<PolicySet, 'policies' | 'inactive'> {
  readonly policies: readonly KeptPolicy[];
  readonly inactive: readonly KeptPolicy[];
}

/** What is kept of a program, by its number. */
export interface KeptText {
  readonly packed: string;
  /** The text of a function. */
  readonly code: string | undefined;
}

/** A program's kept text again; `code` is the function. */
export type ProgramSource = (number: number) => Omit<KeptProgram, 'text'>;

/** Takes a set apart, all its expressions compiled. */
export function keepSet(set: PolicySet): { readonly set: KeptSet; readonly programs: readonly KeptText[] } {
  const numbers = new Map<Program, number>();
  const numberOf = (program: Program): number => {
    const number = numbers.get(program) ?? numbers.size;
    numbers.set(program, number);
    return number;
  };
  const optional = (program: Program | null) => (program === null ? null : numberOf(program));
  for (const program of byUse([...set.policies, ...set.inactive])) optional(program);
  const keep = ({ code, ...rest }: CompiledPolicy): KeptPolicy => {
    const programs = code();
    return {
      ...rest,
      programs: {
        matchConditions: programs.matchConditions.map(numberOf),
        ...(programs.related === undefined
          ? {}
          : {
              related: programs.related.map(({ namespace, ask, item }) => ({
                namespace: optional(namespace),
                ask: optional(ask),
                item: optional(item),
              })),
            }),
        ...(programs.reads === undefined ? {} : { reads: programs.reads }),
        variables: programs.variables.map(numberOf),
        validations: programs.validations.map(numberOf),
        messages: programs.messages.map(optional),
        places: programs.places.map(optional),
        auditAnnotations: programs.auditAnnotations.map(numberOf),
        exceptions: programs.exceptions.map((conditions) => conditions.map(numberOf)),
        mutations: programs.mutations.map(numberOf),
        targets:
          programs.targets === null
            ? null
            : {
                expression: numberOf(programs.targets.expression),
                matchConditions: programs.targets.matchConditions.map(numberOf),
              },
      },
    };
  };
  return {
    set: { ...set, policies: set.policies.map(keep), inactive: set.inactive.map(keep) },
    programs: [...numbers.keys()].map((program) => ({ packed: program.packed(), code: codeOf(program) })),
  };
}

/**
 * Programs in the order in which a scan comes to need them: those that are near each other are loaded together. Policies
 * that are recommended come first, those of the same objects beside each other; what only words and places of findings
 * need comes last.
 */
function byUse(policies: readonly CompiledPolicy[]): (Program | null)[] {
  const codes = [...policies].sort((a, b) => compare(objectsOf(a), objectsOf(b))).map(({ code }) => code());
  const deciding = codes.flatMap(({ related = [], matchConditions, variables, validations }) => [
    ...matchConditions,
    ...related.flatMap(({ namespace, ask, item }) => [namespace, ask, item]),
    ...variables,
    ...validations,
  ]);
  return [...deciding, ...codes.flatMap(({ messages, places }) => [...messages, ...places])];
}

function objectsOf({ sets, subject, match }: CompiledPolicy): string {
  const kinds = match.resourceRules.flatMap(({ apiGroups, resources }) => [
    ...apiGroups,
    ...resources.map(({ resource }) => resource),
  ]);
  return [sets.includes(RECOMMENDED) ? 0 : 1, subject === 'pod' ? 0 : 1, ...kinds].join();
}

/** The set again, without a look at its documents or expressions. */
export function reviveSet(kept: KeptSet, source: ProgramSource): PolicySet {
  const programs = programsOf(kept, source);
  const coded = (policy: KeptPolicy): CompiledPolicy => ({
    ...policy,
    code: once(() => reviveCode(policy, programs)),
  });
  return { ...kept, policies: kept.policies.map(coded), inactive: kept.inactive.map(coded) };
}

/** The program of an expression, by its number; policies that share one share it again. */
type Programs = (number: number, expression: Expression, dialect: Dialect) => Program;

function programsOf({ settings }: KeptSet, source: ProgramSource): Programs {
  const environments = new Map<Surroundings, Environment>();
  const environmentOf = (surroundings: Surroundings): Environment => {
    let environment = environments.get(surroundings);
    if (environment === undefined) {
      const { libraries, crossTypeComparisons, create } = optionsOf(surroundings);
      // Nothing is checked again, so that one environment with everything serves all kinds of expressions.
      environment = createEnvironment({
        variables: {},
        libraries: [...libraries, jsonpatch],
        crossTypeComparisons,
        objects: {
          ...patchTypes,
          create: (name, fields) => create?.(name, fields) ?? patchTypes.create(name, fields),
        },
      });
      environments.set(surroundings, environment);
    }
    return environment;
  };
  const made = new Map<number, Program>();
  return (number, { text }, dialect) => {
    let program = made.get(number);
    if (program === undefined) {
      program = environmentOf(surroundingsOf(dialect, settings)).revive({ text, ...source(number) });
      made.set(number, program);
    }
    return program;
  };
}

function reviveLookup(
  { namespace, by }: Lookup,
  numbers: KeptLookup,
  program: (expression: Expression | null, number: number | null) => Program | null,
): LookupCode {
  return {
    namespace: program(typeof namespace === 'string' ? null : namespace, numbers.namespace),
    ask: program(by.kind === 'all' ? null : by.ask, numbers.ask),
    item: program('item' in by ? by.item : null, numbers.item),
  };
}

function reviveCode(policy: KeptPolicy, programs: Programs): PolicyCode {
  const one = (expression: Expression, number: number) => programs(number, expression, policy.dialect);
  const optional = (expression: Expression | null, number: number | null | undefined) =>
    expression === null ? null : one(expression, number!);
  const numbers = policy.programs;
  return {
    matchConditions: policy.matchConditions.map((c, i) => one(c.expression, numbers.matchConditions[i]!)),
    ...(policy.related === undefined
      ? {}
      : { related: policy.related.map((lookup, i) => reviveLookup(lookup, numbers.related![i]!, optional)) }),
    ...(numbers.reads === undefined ? {} : { reads: numbers.reads }),
    variables: policy.variables.map((v, i) => one(v.expression, numbers.variables[i]!)),
    validations: policy.validations.map((v, i) => one(v.expression, numbers.validations[i]!)),
    messages: policy.validations.map((v, i) => optional(v.messageExpression, numbers.messages[i])),
    places: policy.validations.map((v, i) => optional(v.at, numbers.places[i])),
    auditAnnotations: policy.auditAnnotations.map((a, i) =>
      one(a.valueExpression, numbers.auditAnnotations[i]!),
    ),
    exceptions: policy.exceptions.map(({ matchConditions }, i) =>
      matchConditions.map((c, j) => one(c.expression, numbers.exceptions[i]![j]!)),
    ),
    mutations: policy.mutations.map((m, i) => one(m.expression, numbers.mutations[i]!)),
    targets:
      policy.targets === null
        ? null
        : {
            expression: one(policy.targets.expression, numbers.targets!.expression),
            matchConditions: policy.targets.matchConditions.map((c, i) =>
              one(c.expression, numbers.targets!.matchConditions[i]!),
            ),
          },
    issues: [],
  };
}
