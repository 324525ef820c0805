/** Random expressions out of {@link Templates}: mostly well-typed, with the odd value that is not what it should be. */
import type { Random } from './random.ts';
import { ANY, LITERALS, type Templates } from './templates.ts';

export interface ExpressionOptions {
  readonly templates: readonly Templates[];
  /** How deep expressions nest, at most. */
  readonly depth: number;
  /** How often a hole is filled with a value of any type, passed through `dyn`. */
  readonly mistyped: number;
}

interface Variable {
  readonly name: string;
  readonly type: string;
}

export function generateExpression(random: Random, type: string, options: ExpressionOptions): string {
  const forms = mergeForms(options.templates);
  let names = 0;

  const generate = (wanted: string, depth: number, scope: readonly Variable[]): string => {
    if (wanted === 'any') return generate(random.pick(ANY), depth, scope);
    if (depth > 0 && wanted in LITERALS && random.chance(options.mistyped)) {
      return `dyn(${generate(random.pick(ANY), depth - 1, scope)})`;
    }
    const variables = scope.filter((variable) => variable.type === wanted);
    if (variables.length > 0 && random.chance(depth > 0 ? 0.35 : 0.7)) return random.pick(variables).name;
    const choices = forms.get(wanted);
    if (depth <= 0 || choices === undefined || random.chance(0.1)) return literal(wanted, depth, scope);
    return fill(random.pick(choices), depth - 1, scope);
  };

  const literal = (wanted: string, depth: number, scope: readonly Variable[]): string => {
    const choices = LITERALS[wanted] ?? forms.get(wanted)!;
    return parenthesized(fill(random.pick(choices), depth - 1, scope));
  };

  const fill = (form: string, depth: number, scope: readonly Variable[]): string => {
    let inner = scope;
    const text = form.replace(/\{([a-zA-Z]+(?::[a-z]+)?)(!?)\}/g, (hole, wanted: string, exact: string) => {
      const bound = /^([xikv]):(.+)$/.exec(wanted);
      if (bound) {
        const name = `${bound[1]}${names++}`;
        inner = [...inner, { name, type: bound[2]! }];
        return name;
      }
      if (exact !== '') return random.pick(LITERALS[wanted]!);
      if (!forms.has(wanted) && !(wanted in LITERALS) && wanted !== 'any') return hole;
      return parenthesized(generate(wanted, depth, inner));
    });
    return text;
  };

  return generate(type, options.depth, []);
}

function mergeForms(templates: readonly Templates[]): Map<string, readonly string[]> {
  const merged = new Map<string, readonly string[]>();
  for (const group of templates) {
    for (const [type, forms] of Object.entries(group))
      merged.set(type, [...(merged.get(type) ?? []), ...forms]);
  }
  return merged;
}

/** Brackets around everything that is not plainly one term. */
function parenthesized(text: string): string {
  return /^[\w.]+$/.test(text) || /^(['"])[^'"\\]*\1$/.test(text) ? text : `(${text})`;
}
