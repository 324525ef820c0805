/** The other JavaScript evaluators, set up as their documentation says; undefined where one cannot run a rule. */
import { type CelInput, CelScalar, celEnv, celFunc, celMethod, parse, plan } from '@bufbuild/cel';
import { strings } from '@bufbuild/cel/ext';
import { Environment } from '@marcbachmann/cel-js';

export type Evaluate = () => unknown;

/** Their libraries know no quantities; this one is cheap, so that their engines are measured and not it. */
const SUFFIXES: Record<string, number> = { Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40 };

function bytes(text: string): number {
  return Number.parseFloat(text) * (SUFFIXES[text.slice(-2)] ?? 1);
}

export function marcbachmann(expression: string, object: unknown): Evaluate | undefined {
  const environment = new Environment({ unlistedVariablesAreDyn: true })
    .registerFunction('quantity(string): double', bytes)
    .registerFunction('double.isLessThan(double): bool', (a: number, b: number) => a < b);
  return runnable(() => {
    const compiled = environment.parse(expression);
    return () => compiled({ object });
  });
}

export function bufbuild(expression: string, object: unknown): Evaluate | undefined {
  const environment = celEnv({
    funcs: [
      ...strings,
      celFunc('quantity', [CelScalar.STRING], CelScalar.DOUBLE, bytes),
      celMethod('isLessThan', CelScalar.DOUBLE, [CelScalar.DOUBLE], CelScalar.BOOL, function (other) {
        return this < other;
      }),
    ],
  });
  return runnable(() => {
    const planned = plan(environment, parse(expression));
    return () => planned({ object: object as CelInput });
  });
}

/** Both report errors late and in different ways: a rule counts as runnable when it yields a boolean. */
function runnable(compile: () => Evaluate): Evaluate | undefined {
  try {
    const evaluate = compile();
    return typeof evaluate() === 'boolean' ? evaluate : undefined;
  } catch {
    return undefined;
  }
}
