import type { RenderInput, Reported } from '../model/index.ts';

/** What is known of a rendered object beside the object. */
export interface RenderedAs {
  readonly environment: string | undefined;
  /** The same for what one source makes in several environments. */
  readonly identity: string;
  readonly inputs: readonly RenderInput[];
  /** The object is as it was, whatever became of its inputs. */
  readonly unchanged: boolean;
}

/** One finding for what several environments have in common. */
export interface Merger {
  add(result: Reported, rendered: RenderedAs): void;
  merged(): Iterable<Reported>;
}

interface Group {
  readonly result: Reported;
  readonly environments: string[];
  readonly notes: Set<string>;
  readonly inputs: Set<readonly RenderInput[]>;
}

/**
 * Findings are the same when policy, verdict, text, place and source are, and the same allows them, whatever an
 * environment calls the object. Several of one environment stay several: a loop in a template makes many objects on the
 * same lines.
 */
export function createMerger(): Merger {
  const groups = new Map<string, Group>();
  const seen = new Map<string, number>();

  return {
    add(result, { environment, identity, inputs, unchanged }) {
      const key = keyOf(result, identity);
      const inEnvironment = JSON.stringify([environment, key]);
      const nth = seen.get(inEnvironment) ?? 0;
      seen.set(inEnvironment, nth + 1);
      const known = groups.get(`${nth} ${key}`);
      const group = known ?? { result, environments: [], notes: new Set(), inputs: new Set() };
      if (known === undefined) groups.set(`${nth} ${key}`, group);
      if (environment !== undefined) group.environments.push(environment);
      if (result.note !== undefined) group.notes.add(result.note);
      // What could not be evaluated may hang on anything.
      if (!unchanged || result.verdict === 'error') group.inputs.add(inputs);
    },
    *merged() {
      for (const { result, environments, notes, inputs } of groups.values())
        yield {
          ...result,
          inputs: [...inputs].flat(),
          ...(environments.length === 0 ? {} : { environments }),
          ...(notes.size === 0 ? {} : { note: [...notes].join('; ') }),
        };
    },
  };
}

function keyOf(result: Reported, identity: string): string {
  const { policy, validation, severity, verdict, action, reason, detail, origin, path } = result;
  const { allowedBy, suppressedBy } = result;
  const what = [policy, validation, severity, verdict, action, reason, detail, origin, path];
  const parts = [...what, allowedBy, suppressedBy];
  return JSON.stringify([identity, ...parts]);
}
