/** Text → what the reference interpreter runs, by the parser and checker of src/cel. */
import type { Expr } from '../../../src/cel/ast.ts';
import { check } from '../../../src/cel/check/check.ts';
import type { CheckEnvironment } from '../../../src/cel/check/environment.ts';
import type { Constants, FunctionDeclaration, Library } from '../../../src/cel/library.ts';
import { parse } from '../../../src/cel/parser.ts';
import type { Issue } from '../../../src/cel/source.ts';
import type { Type } from '../../../src/cel/types.ts';
import type { Checked } from './interpreter.ts';

export interface ReferenceOptions {
  readonly libraries: readonly Library[];
  readonly variables: Readonly<Record<string, Type>>;
  readonly objects?: Pick<CheckEnvironment, 'fields' | 'fieldNames' | 'isObject'>;
  /** False to run an expression as it was parsed, whatever the checker says. */
  readonly check?: boolean;
}

/** The issues found, or the expression ready to be interpreted. */
export function compileReference(
  text: string,
  options: ReferenceOptions,
):
  | { readonly issues: readonly Issue[] }
  | { readonly checked: Checked; readonly outputType: Type | undefined } {
  const { libraries } = options;
  const parsed = parse(text, { macros: libraries.flatMap((library) => library.macros ?? []) });
  if ('issues' in parsed) return { issues: parsed.issues };
  const functions = mergeFunctions(libraries);
  const constants: Constants = Object.assign({}, ...libraries.map((library) => library.constants ?? {}));
  if (options.check === false) {
    const constant = (expr: Expr) => constantNamed(constants, pathOf(expr));
    const checked = {
      expr: parsed.ast.expr,
      overloads: () => [],
      variable: () => undefined,
      constant,
      functions,
    };
    return { checked, outputType: undefined };
  }
  const validators = libraries.flatMap((library) => library.validators ?? []);
  const found = check(parsed.ast, {
    ...options.objects,
    variables: options.variables,
    functions,
    constants,
    validators,
  });
  const errors = found.issues.filter((issue) => issue.severity === 'error');
  if (errors.length > 0) return { issues: errors };
  const nameAt = (expr: Expr): string | undefined => {
    const reference = found.references.get(expr.id);
    return reference !== undefined && 'name' in reference ? reference.name : undefined;
  };
  const checked: Checked = {
    expr: parsed.ast.expr,
    functions,
    overloads: (id) => {
      const reference = found.references.get(id);
      return reference === undefined || 'name' in reference ? [] : reference;
    },
    constant: (expr) => constantNamed(constants, nameAt(expr)),
    variable: (expr) => (constantNamed(constants, nameAt(expr)) === undefined ? nameAt(expr) : undefined),
  };
  return { checked, outputType: found.outputType };
}

function constantNamed(constants: Constants, name: string | undefined) {
  const plain = name?.replace(/^\./, '');
  return plain !== undefined && Object.hasOwn(constants, plain) ? constants[plain] : undefined;
}

function pathOf(expr: Expr): string | undefined {
  if (expr.kind === 'ident') return expr.name;
  if (expr.kind !== 'select' || expr.testOnly) return undefined;
  const path = pathOf(expr.operand);
  return path === undefined ? undefined : `${path}.${expr.field}`;
}

/** Libraries may add overloads to a function that another one declares. */
function mergeFunctions(libraries: readonly Library[]): ReadonlyMap<string, FunctionDeclaration> {
  const merged = new Map<string, FunctionDeclaration>();
  for (const declaration of libraries.flatMap((library) => library.functions)) {
    const before = merged.get(declaration.name)?.overloads ?? [];
    const added = declaration.overloads.filter(({ id }) => !before.some((other) => other.id === id));
    merged.set(declaration.name, { name: declaration.name, overloads: [...before, ...added] });
  }
  return merged;
}
