/** The evaluator under test, asked the way the Go program is asked (test/interop/cel.go). */
import { formatType } from '../../src/cel/check/types.ts';
import {
  createEnvironment,
  type Engine,
  type Environment,
  type Issue,
  type ObjectTypes,
  type Type,
  type Value,
} from '../../src/cel/index.ts';
import {
  bindings,
  encoders,
  hasCrossTypeComparisons,
  jsonpatch,
  kubernetesLibraries,
  math,
  patchTypes,
} from '../../src/cel/libraries/index.ts';
import { DYN } from '../../src/cel/types.ts';
import { NAMESPACE, OBJECT_TYPES, REQUEST } from '../../src/policy/environment/types.ts';
import { authorizerTypes, authorizerVariables, type TableAuthorizer } from './authorizer.ts';
import { type Encoded, encode } from './encode.ts';

/** One expression to compile and evaluate; the JSON form of celRequest in test/interop/cel.go. */
export interface Question {
  readonly expression: string;
  readonly variables: Readonly<Record<string, Value>>;
  /** Compatibility version 1.minor. */
  readonly minor: number;
  /** `new`: only what that version knows; `stored`: everything. */
  readonly mode: 'new' | 'stored';
  readonly limit?: number;
  /** What only mutating policies have. */
  readonly mutation?: boolean;
  /** Extensions of cel-go that Kubernetes does not have. */
  readonly extensions?: boolean;
  readonly authorizer?: TableAuthorizer;
}

export interface Answer {
  readonly type?: string;
  readonly compileError?: string;
  /** Messages of compile errors, with their place as code points from the start of the line. */
  readonly issues?: readonly { readonly line: number; readonly column: number; readonly message: string }[];
  readonly value?: Encoded;
  readonly error?: string;
  /** Of a runtime error; ours only. */
  readonly code?: string;
  readonly cost?: number;
  /** The API server would have panicked. */
  readonly panic?: string;
}

/** Everything that a stored expression may use. */
const ALL_VERSIONS = 1_000;

/** What admission policies see. */
export const ADMISSION_VARIABLES: Readonly<Record<string, Type>> = {
  object: DYN,
  oldObject: DYN,
  params: DYN,
  request: REQUEST,
  namespaceObject: NAMESPACE,
  ...authorizerTypes,
};

export const ADMISSION_OBJECTS: ObjectTypes = {
  fields: (name, field) => OBJECT_TYPES[name]?.[field],
  fieldNames: (name) => Object.keys(OBJECT_TYPES[name] ?? {}),
};

/** What mutating policies see. */
const MUTATION_OBJECTS: ObjectTypes = {
  ...patchTypes,
  fields: (name, field) => ADMISSION_OBJECTS.fields(name, field) ?? patchTypes.fields(name, field),
};

const environments = new Map<string, Environment>();

function environmentFor({ minor, mode, mutation, extensions }: Question, engine: Engine): Environment {
  const version = mode === 'stored' ? ALL_VERSIONS : minor;
  const key = `${version} ${engine} ${mutation} ${extensions}`;
  let environment = environments.get(key);
  if (environment === undefined) {
    environment = createEnvironment({
      variables: ADMISSION_VARIABLES,
      libraries: [
        ...kubernetesLibraries(version),
        ...(mutation ? [jsonpatch] : []),
        ...(extensions ? [bindings, encoders, math] : []),
      ],
      crossTypeComparisons: hasCrossTypeComparisons(version),
      objects: mutation ? MUTATION_OBJECTS : ADMISSION_OBJECTS,
      engine,
    });
    environments.set(key, environment);
  }
  return environment;
}

export function ask(question: Question, engine: Engine = 'auto'): Answer {
  const compiled = environmentFor(question, engine).compile(question.expression);
  if (!compiled.ok) return refused(question.expression, compiled.issues);
  const { program } = compiled;
  const outcome = program.evaluate(variablesOf(question), question.limit);
  const type = formatType(program.outputType);
  return outcome.ok
    ? { type, value: encode(outcome.value), cost: outcome.cost }
    : { type, error: outcome.error.$message, code: outcome.error.$code, cost: outcome.cost };
}

function refused(expression: string, issues: readonly Issue[]): Answer {
  const places = issues
    .filter((issue) => issue.severity === 'error')
    .map(({ line, column, message }) => {
      const text = expression.split('\n')[line - 1] ?? '';
      return { line, column: [...text.slice(0, column - 1)].length, message };
    });
  return { compileError: places.map(({ message }) => message).join('\n'), issues: places };
}

/** Every variable of an admission policy has a value, null where the question has none. */
export function variablesOf({ variables, authorizer }: Question): Record<string, Value> {
  return {
    object: null,
    oldObject: null,
    params: null,
    request: null,
    namespaceObject: null,
    ...(authorizer === undefined ? {} : authorizerVariables(authorizer)),
    ...variables,
  };
}
