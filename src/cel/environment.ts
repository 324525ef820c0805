/** What expressions may use, and how they are compiled: parse → check → plan. */
import type { Ast } from './ast.ts';
import { type CheckResult, check } from './check/check.ts';
import { formatType, sameType } from './check/types.ts';
import type { KeptProgram } from './kept.ts';
import type { Constants, FunctionDeclaration, Library, Macro, Overload } from './library.ts';
import { type Front, pack, unpack } from './packed.ts';
import { parse } from './parser.ts';
import type { StructTypes } from './plan/nodes.ts';
import { PlanError, planExpr } from './plan/plan.ts';
import {
  createLinkedProgram,
  createProgram,
  type Engine,
  type Program,
  type ProgramParts,
} from './program.ts';
import { announcing } from './runtime/pacing.ts';
import { createIssue, type Issue } from './source.ts';
import { STANDARD_LIBRARY } from './stdlib/index.ts';
import type { Type } from './types.ts';
import type { Value } from './values.ts';

/** Object types: those with declared fields, and those that expressions can make values of. */
export interface ObjectTypes {
  /** Type of a field; undefined when the object type has no such field. */
  fields(objectName: string, field: string): Type | undefined;
  /** Names of all fields, for "did you mean". */
  fieldNames?(objectName: string): readonly string[];
  /** Makes a value for `Name{field: value}`; undefined when the name is no type. May throw CelError. */
  create?(typeName: string, fields: ReadonlyMap<string, Value>): Value | undefined;
  /** Whether `Name{…}` may be written. */
  isObject?(name: string): boolean;
}

export interface EnvironmentOptions {
  readonly variables: Readonly<Record<string, Type>>;
  /** Besides the standard library, which is always there. */
  readonly libraries: readonly Library[];
  readonly objects?: ObjectTypes;
  /** Whether `1 < 1.0` is allowed (Kubernetes: from 1.28 on). Default true. */
  readonly crossTypeComparisons?: boolean;
  readonly engine?: Engine;
}

export interface CompileOptions {
  /** Types the expression may have; `dyn` among them allows any. Default: any. */
  readonly expected?: readonly Type[];
  /** Shown in messages. */
  readonly description?: string;
  /** What `packed` of an earlier program gave for the same text in the same environment. */
  readonly packed?: string;
  /** Changes the tree before it is checked; texts compiled with another one are other expressions. */
  readonly rewrite?: (ast: Ast) => Ast;
}

export type CompileResult =
  | { readonly ok: true; readonly program: Program }
  | { readonly ok: false; readonly issues: readonly Issue[] };

export interface Environment {
  readonly variables: Readonly<Record<string, Type>>;
  /** Never throws. */
  compile(text: string, options?: CompileOptions): CompileResult;
  /** A program compiled earlier, with the same libraries and engine; its variables need not be known here. */
  revive(kept: KeptProgram): Program;
  /** An environment with more variables (or other types for them). */
  extend(variables: Readonly<Record<string, Type>>, objects?: ObjectTypes): Environment;
}

/** What libraries come to when merged; shared by environments that differ in variables only. */
interface Catalogue {
  readonly functions: ReadonlyMap<string, FunctionDeclaration>;
  readonly constants: Constants;
  readonly macros: readonly Macro[];
  readonly validators: NonNullable<Library['validators']>;
  readonly optionalSyntax: boolean;
}

export function createEnvironment(options: EnvironmentOptions): Environment {
  return environmentOf(options, mergeLibraries([STANDARD_LIBRARY, ...options.libraries]));
}

function environmentOf(options: EnvironmentOptions, catalogue: Catalogue): Environment {
  return {
    variables: options.variables,
    compile: (text, compileOptions = {}) => compile(text, compileOptions, options, catalogue),
    revive: (kept) => revive(kept, options, catalogue),
    extend: (variables, objects = options.objects) =>
      environmentOf(
        {
          ...options,
          variables: { ...options.variables, ...variables },
          ...(objects === undefined ? {} : { objects }),
        },
        catalogue,
      ),
  };
}

function compile(
  text: string,
  { expected, description, packed, rewrite }: CompileOptions,
  options: EnvironmentOptions,
  catalogue: Catalogue,
): CompileResult {
  const parseText = () => rewritten(parseWith(catalogue, text, description), rewrite);
  const front =
    packed === undefined
      ? parseAndCheck(parseText(), options, catalogue)
      : unpack(packed, () => astOf(parseText()));
  if ('issues' in front) return { ok: false, issues: front.issues };
  const { ast, checked } = front;
  const mismatch = expected === undefined ? undefined : typeMismatch(ast, checked.outputType, expected);
  if (mismatch !== undefined) return { ok: false, issues: [mismatch] };
  try {
    return { ok: true, program: createProgram(planned(front, packed, options, catalogue), options.engine) };
  } catch (error) {
    if (!(error instanceof PlanError)) throw error;
    const offset = ast.source.positions.get(error.id) ?? 0;
    return { ok: false, issues: [createIssue(ast.source, offset, 'literal', error.message)] };
  }
}

/** @param packed what the expression was unpacked from */
function planned(
  front: Front,
  packed: string | undefined,
  options: EnvironmentOptions,
  { functions, constants }: Catalogue,
): ProgramParts {
  const { ast, checked } = front;
  const { references, types, outputType, issues } = checked;
  const root = planExpr(ast.expr, {
    references,
    types,
    functions,
    constants,
    typeValue: () => undefined,
    plannedBefore: packed !== undefined,
  });
  const plan = { root, structs: structTypes(options.objects), functions, outputType };
  return { ast, outputType, issues, plan, packed: () => packed ?? pack(front) };
}

function revive(
  { text, packed, code }: KeptProgram,
  options: EnvironmentOptions,
  catalogue: Catalogue,
): Program {
  let made: ProgramParts | undefined;
  const parts = (): ProgramParts => {
    if (made === undefined) {
      const front = unpack(packed(), () => astOf(parseWith(catalogue, text)));
      made = planned(front, packed(), options, catalogue);
    }
    return made;
  };
  if (code === undefined) return createProgram(parts(), options.engine);
  return createLinkedProgram(
    code,
    { functions: catalogue.functions, structs: structTypes(options.objects) },
    parts,
  );
}

function parseWith({ macros, optionalSyntax }: Catalogue, text: string, description?: string): Parsed {
  return parse(text, { macros, optionalSyntax, ...(description === undefined ? {} : { description }) });
}

type Parsed = ReturnType<typeof parse>;

function rewritten(parsed: Parsed, rewrite: CompileOptions['rewrite']): Parsed {
  return rewrite === undefined || 'issues' in parsed ? parsed : { ...parsed, ast: rewrite(parsed.ast) };
}

function parseAndCheck(
  parsed: Parsed,
  options: EnvironmentOptions,
  catalogue: Catalogue,
): Front | { readonly issues: readonly Issue[] } {
  if ('issues' in parsed) return parsed;
  const checked = checkAst(parsed.ast, options, catalogue);
  const failed = checked.issues.some((issue) => issue.severity === 'error');
  return failed ? { issues: checked.issues } : { ast: parsed.ast, checked };
}

function astOf(parsed: Parsed): Ast {
  if ('issues' in parsed) throw new Error('an expression that was packed parses');
  return parsed.ast;
}

function checkAst(ast: Ast, options: EnvironmentOptions, catalogue: Catalogue): CheckResult {
  const { objects } = options;
  return check(ast, {
    variables: options.variables,
    functions: catalogue.functions,
    constants: catalogue.constants,
    validators: catalogue.validators,
    crossTypeComparisons: options.crossTypeComparisons ?? true,
    ...(objects === undefined
      ? {}
      : {
          fields: (name: string, field: string) => objects.fields(name, field),
          fieldNames: (name: string) => objects.fieldNames?.(name) ?? [],
          isObject: (name: string) => objects.isObject?.(name) ?? false,
        }),
  });
}

function structTypes(objects: ObjectTypes | undefined): StructTypes | undefined {
  if (objects?.create === undefined) return undefined;
  return { create: (typeName, fields) => objects.create?.(typeName, fields) };
}

function typeMismatch(ast: Ast, actual: Type, expected: readonly Type[]): Issue | undefined {
  if (expected.some((type) => type.kind === 'dyn' || sameType(type, actual))) return undefined;
  const names = expected.map(formatType);
  const wanted = names.length === 1 ? names[0] : `one of [${names.join(' ')}]`;
  return createIssue(ast.source, 0, 'type', `must evaluate to ${wanted} but got ${formatType(actual)}`);
}

/** Overloads of equally named functions are put together; one of the same id replaces the earlier. */
function mergeLibraries(libraries: readonly Library[]): Catalogue {
  const functions = new Map<string, FunctionDeclaration>();
  const constants: Record<string, Constants[string]> = Object.create(null);
  for (const library of libraries) {
    for (const declared of library.functions) {
      const known = functions.get(declared.name);
      functions.set(declared.name, known === undefined ? declared : mergeOverloads(known, declared));
    }
    Object.assign(constants, library.constants);
  }
  for (const [name, declared] of functions) functions.set(name, announcing(declared));
  return {
    functions,
    constants,
    macros: libraries.flatMap((library) => library.macros ?? []),
    validators: libraries.flatMap((library) => library.validators ?? []),
    optionalSyntax: functions.has('optional.of'),
  };
}

function mergeOverloads(a: FunctionDeclaration, b: FunctionDeclaration): FunctionDeclaration {
  const overloads = new Map<string, Overload>(a.overloads.map((overload) => [overload.id, overload]));
  for (const overload of b.overloads) overloads.set(overload.id, overload);
  return { name: a.name, overloads: [...overloads.values()] };
}
