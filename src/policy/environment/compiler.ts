import {
  type CompileOptions,
  createEnvironment,
  type Environment,
  type Library,
  type ObjectTypes,
  type Type,
} from '../../cel/index.ts';
import { AUTHORIZER_TYPE, RESOURCE_CHECK_TYPE } from '../../cel/libraries/authz.ts';
import { jsonpatch, patchTypes } from '../../cel/libraries/index.ts';
import { once } from '../once.ts';
import type { CompileExpression, CompileResult, Names } from '../program.ts';
import { readTemplateAt, writeTemplateAt } from './template.ts';
import {
  EXCEPTIONS,
  type Fields,
  NAMESPACE,
  OBJECT_TYPES,
  RELATED,
  REQUEST,
  SCHEMALESS,
  type SubjectTypes,
  VARIABLES,
} from './types.ts';

export interface CompilerOptions {
  /** What exists in the Kubernetes version, beside CEL's standard library. */
  readonly libraries: readonly Library[];
  /** Whether `1 < 1.0` is allowed: from 1.28 on. */
  readonly crossTypeComparisons: boolean;
  /** Default: everything of the object is `dyn`, as at run time. */
  readonly subject?: SubjectTypes;
  /** More variables, that every expression sees. */
  readonly variables?: Readonly<Record<string, Type>>;
  /** Fields of the object types among them. */
  readonly objectTypes?: Readonly<Record<string, Fields>>;
  /** Makes values of those that expressions may write. */
  readonly create?: ObjectTypes['create'];
  readonly memory?: ExpressionMemory;
}

/** Expressions that were compiled in an earlier run, with the same libraries and the same engine. */
export interface ExpressionMemory {
  /** What `set` was given under that key, if it is still known. */
  get(key: string): string | undefined;
  /** `packed` is costly; call it when the run is over. */
  set(key: string, packed: () => string): void;
}

/**
 * A compiler of policy expressions. Environments are made once for each combination of names; programs are kept by
 * text where no `variables` are in sight, so that a set compiled under other settings costs little.
 */
export function createCompiler(options: CompilerOptions): CompileExpression {
  const subject = options.subject ?? SCHEMALESS;
  const types: ObjectFields = { ...OBJECT_TYPES, ...options.objectTypes };
  // The environments ask for the fields of `variables` and `related` while an expression is compiled, and only then.
  let visible: Visible = NOTHING;
  const objects = {
    fields: (name: string, field: string) => fieldOf(name, field, visible, subject, types),
    fieldNames: (name: string) => fieldNamesOf(name, visible, subject, types),
  };
  const variables = {
    object: subject.object,
    oldObject: subject.object,
    request: REQUEST,
    namespaceObject: NAMESPACE,
    ...options.variables,
  };
  const { libraries, crossTypeComparisons, create } = options;
  const isOwn = (name: string) =>
    create !== undefined &&
    Object.hasOwn(options.objectTypes ?? {}, name) &&
    !Object.hasOwn(OBJECT_TYPES, name);
  const own = create === undefined ? {} : { create, isObject: isOwn };
  const plain = once(() =>
    createEnvironment({ variables, libraries, crossTypeComparisons, objects: { ...objects, ...own } }),
  );
  const patching = once(() =>
    createEnvironment({
      variables,
      libraries: [...libraries, jsonpatch],
      crossTypeComparisons,
      objects: {
        fields: (name, field) => objects.fields(name, field) ?? patchTypes.fields(name, field),
        fieldNames: (name) => [...objects.fieldNames(name), ...patchTypes.fieldNames(name)],
        isObject: (name) => isOwn(name) || patchTypes.isObject(name),
        create: (name, fields) => create?.(name, fields) ?? patchTypes.create(name, fields),
      },
    }),
  );
  const environments = new Map<string, Environment>();
  const programs = new Map<string, CompileResult>();

  function environmentFor(names: Names): { key: string; environment: Environment } {
    const item = names.item === undefined ? '' : ` ${JSON.stringify(names.item)}`;
    const key = `${names.params} ${names.authorizer} ${names.pods} ${names.patches} ${names.variables !== null} ${names.exceptions}${names.related == null ? '' : ' related'}${item}`;
    let environment = environments.get(key);
    if (environment === undefined) {
      environment =
        names.item === undefined
          ? (names.patches ? patching() : plain()).extend(variablesOf(names, subject))
          : createEnvironment({ variables: { item: names.item }, libraries, crossTypeComparisons, objects });
      environments.set(key, environment);
    }
    return { key, environment };
  }

  return (text, names, expected) => {
    const { key, environment } = environmentFor(names);
    visible = { variables: names.variables ?? NONE, related: names.related ?? NONE };
    const isBare = visible.variables.size === 0 && visible.related.size === 0;
    const at = names.template === null ? '' : ` /${names.template.join('/')}`;
    const wanted = `${key}${at} ${expected?.map(({ kind }) => kind).join() ?? 'any'}`;
    const compile = () => {
      const sees = isBare ? '' : JSON.stringify([[...visible.variables], [...visible.related]]);
      const wish = {
        ...(expected === null ? {} : { expected }),
        ...(names.template === null
          ? {}
          : { rewrite: (names.patches ? writeTemplateAt : readTemplateAt)(names.template) }),
      };
      return remembered(environment, text, wish, `${wanted} ${sees} ${text}`, options.memory);
    };
    if (!isBare) return compile();
    const cacheKey = `${wanted} ${text}`;
    let result = programs.get(cacheKey);
    if (result === undefined) {
      result = compile();
      programs.set(cacheKey, result);
      // A worker lives for months, and policies change: what was compiled first is forgotten first.
      if (programs.size > MOST_PROGRAMS) programs.delete(programs.keys().next().value!);
    }
    return result;
  };
}

function remembered(
  environment: Environment,
  text: string,
  options: CompileOptions,
  key: string,
  memory: ExpressionMemory | undefined,
): CompileResult {
  const packed = memory?.get(key);
  if (packed !== undefined) {
    try {
      return environment.compile(text, { ...options, packed });
    } catch {
      // What is remembered is not what it should be: compile as if nothing were.
    }
  }
  const result = environment.compile(text, options);
  if (result.ok) memory?.set(key, result.program.packed);
  return result;
}

type ObjectFields = Readonly<Record<string, Fields>>;

/** Fields of `variables` and of `related`, which each policy has of its own. */
interface Visible {
  readonly variables: ReadonlyMap<string, Type>;
  readonly related: ReadonlyMap<string, Type>;
}

const NONE: ReadonlyMap<string, Type> = new Map();

/** Of one compiler, kept for policies that say the same. */
const MOST_PROGRAMS = 20_000;
const NOTHING: Visible = { variables: NONE, related: NONE };

function variablesOf(names: Names, subject: SubjectTypes): Record<string, Type> {
  const variables: Record<string, Type> = {};
  if (names.params) variables['params'] = subject.params;
  if (names.pods) {
    variables['pod'] = subject.pod;
    variables['containers'] = subject.containers;
  }
  if (names.variables !== null) variables['variables'] = VARIABLES;
  if (names.related != null) variables['related'] = RELATED;
  if (names.exceptions) variables['exceptions'] = EXCEPTIONS;
  if (names.authorizer) {
    variables['authorizer'] = AUTHORIZER_TYPE;
    variables['authorizer.requestResource'] = RESOURCE_CHECK_TYPE;
  }
  return variables;
}

function fieldOf(
  name: string,
  field: string,
  visible: Visible,
  subject: SubjectTypes,
  types: ObjectFields,
): Type | undefined {
  if (name === 'kubernetes.variables') return visible.variables.get(field);
  if (name === 'rampart.Related') return visible.related.get(field);
  const fields = Object.hasOwn(types, name) ? types[name]! : undefined;
  if (fields === undefined) return subject.fields(name, field);
  return Object.hasOwn(fields, field) ? fields[field] : undefined;
}

function fieldNamesOf(
  name: string,
  visible: Visible,
  subject: SubjectTypes,
  types: ObjectFields,
): readonly string[] {
  if (name === 'kubernetes.variables') return [...visible.variables.keys()];
  if (name === 'rampart.Related') return [...visible.related.keys()];
  const fields = Object.hasOwn(types, name) ? types[name] : undefined;
  return fields === undefined ? subject.fieldNames(name) : Object.keys(fields);
}
