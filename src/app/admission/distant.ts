/** The surroundings of requests for a thread that has none of them: all is asked on its line. */
import type { CompiledPolicy, EvaluationContext, Lookup, LookupQuestion } from '../../policy/index.ts';
import type { Line } from './line.ts';
import type { LookupPlace } from './look-ups.ts';

export interface Distant {
  readonly context: Pick<EvaluationContext, 'namespaces' | 'params' | 'surroundings' | 'authorize' | 'ask'>;
  /** A policy that may look up. */
  know(policy: CompiledPolicy): void;
}

export function createDistant({ ask }: Pick<Line, 'ask'>, defaultNamespace: string): Distant {
  const places = new WeakMap<Lookup, LookupPlace>();
  return {
    know({ id, variant, related = [] }) {
      for (const [index, lookup] of related.entries()) places.set(lookup, { policy: id, variant, index });
    },
    context: {
      namespaces: {
        objects: { get: (name) => ask({ kind: 'namespace', name }).value },
        get complete() {
          return ask({ kind: 'namespaces' }).value.complete;
        },
        // Undefined as where nobody says why.
        get doubt() {
          return ask({ kind: 'namespaces' }).value.doubt!;
        },
      },
      params: {
        defaultNamespace,
        ofKind: (apiVersion, paramKind) => ask({ kind: 'params', apiVersion, paramKind }).items,
        named: (apiVersion, paramKind, namespace, name) =>
          ask({ kind: 'param', apiVersion, paramKind, namespace, name }).value,
        doubt: (apiVersion, paramKind) => ask({ kind: 'params-doubt', apiVersion, paramKind }).value,
      },
      surroundings: {
        find(lookup, _code, asked, namespace) {
          const place = places.get(lookup)!;
          const { value, items } = ask({ kind: 'related', ...place, asked: plain(asked), namespace });
          return { ...value, items };
        },
        coverage: (lookup, namespace) => ask({ kind: 'coverage', ...places.get(lookup)!, namespace }).value,
      },
      authorize: (check) => ask({ kind: 'authorize', check }).value,
      ask: (question) => ask({ kind: 'context', question }).value,
    },
  };
}

/** Labels that are no strings select nothing, and may be anything. */
function plain(asked: LookupQuestion): LookupQuestion {
  if (asked.kind !== 'selector') return asked;
  const labels = Object.entries(asked.labels).map(([key, value]) => [
    key,
    typeof value === 'string' ? value : null,
  ]);
  return { kind: 'selector', labels: Object.fromEntries(labels) };
}
