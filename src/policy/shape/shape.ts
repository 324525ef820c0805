/**
 * A small language for the shape of a policy document. One description serves four ends: the TypeScript type
 * ({@link Infer}), the reader that refuses what does not fit (read.ts), the JSON Schema and the reference page
 * (json-schema.ts, reference.ts). zod would do the first two, but costs 15 ms of every start.
 */
export type Shape =
  | StringShape
  | ScalarShape<'boolean'>
  | ScalarShape<'integer'>
  | ScalarShape<'any'>
  | ListShape
  | MapShape
  | ObjectShape
  | OneOfShape;

interface Described {
  /** One sentence for the reference page. */
  readonly doc?: string;
}

export interface StringShape extends Described {
  readonly type: 'string';
  readonly values?: readonly string[];
  /** What the string holds: `cel` is an expression, `markdown` may have several lines. */
  readonly holds?: 'cel' | 'markdown';
}

export interface ScalarShape<T extends string> extends Described {
  readonly type: T;
}

export interface ListShape extends Described {
  readonly type: 'list';
  readonly items: Shape;
}

/** Any keys, one shape of value. */
export interface MapShape extends Described {
  readonly type: 'map';
  readonly of: Shape;
}

export interface ObjectShape extends Described {
  readonly type: 'object';
  readonly fields: { readonly [name: string]: Shape };
  readonly required: readonly string[];
  /** Other keys are kept unread. */
  readonly open?: boolean;
}

/** The first option whose JSON type fits. */
export interface OneOfShape extends Described {
  readonly type: 'oneOf';
  readonly options: readonly Shape[];
}

/** The type of what `read` returns for a shape. */
export type Infer<S> = S extends { type: 'string'; values: readonly (infer V)[] }
  ? V
  : S extends { type: 'string' }
    ? string
    : S extends { type: 'boolean' }
      ? boolean
      : S extends { type: 'integer' }
        ? number
        : S extends { type: 'any' }
          ? unknown
          : S extends { type: 'list'; items: infer I }
            ? readonly Infer<I>[]
            : S extends { type: 'map'; of: infer V }
              ? { readonly [key: string]: Infer<V> }
              : S extends { type: 'oneOf'; options: readonly (infer O)[] }
                ? Infer<O>
                : S extends { type: 'object'; fields: infer F; required: readonly (infer R)[] }
                  ? { readonly [K in keyof F as K extends R ? K : never]: Infer<F[K]> } & {
                      readonly [K in keyof F as K extends R ? never : K]?: Infer<F[K]>;
                    }
                  : never;

export function text(doc: string): { type: 'string'; doc: string } {
  return { type: 'string', doc };
}

export function cel(doc: string): { type: 'string'; doc: string; holds: 'cel' } {
  return { type: 'string', doc, holds: 'cel' };
}

export function prose(doc: string): { type: 'string'; doc: string; holds: 'markdown' } {
  return { type: 'string', doc, holds: 'markdown' };
}

export function choice<const V extends readonly string[]>(
  values: V,
  doc: string,
): { type: 'string'; values: V; doc: string } {
  return { type: 'string', values, doc };
}

export function list<const S extends Shape>(items: S, doc: string): { type: 'list'; items: S; doc: string } {
  return { type: 'list', items, doc };
}

export function mapOf<const S extends Shape>(of: S, doc: string): { type: 'map'; of: S; doc: string } {
  return { type: 'map', of, doc };
}

export function object<
  const F extends { readonly [name: string]: Shape },
  const R extends keyof F & string = never,
>(
  doc: string,
  fields: F,
  required: readonly R[] = [],
): { type: 'object'; doc: string; fields: F; required: readonly NoInfer<R>[] } {
  return { type: 'object', doc, fields, required };
}

export function open<
  const F extends { readonly [name: string]: Shape },
  const R extends keyof F & string = never,
>(
  doc: string,
  fields: F,
  required: readonly R[] = [],
): { type: 'object'; doc: string; fields: F; required: readonly NoInfer<R>[]; open: true } {
  return { type: 'object', doc, fields, required, open: true };
}

export function oneOf<const O extends readonly Shape[]>(
  options: O,
  doc: string,
): { type: 'oneOf'; options: O; doc: string } {
  return { type: 'oneOf', options, doc };
}
