/** Formulas in words that the authors of policies use. */
import type { Formula, Test } from './formula.ts';
import { unescaped } from './structure.ts';

export function describe(formula: Formula): string {
  return write(formula, '');
}

/** `object/spec/containers/*\/image` → `spec.containers[*].image`. */
export function fieldName(path: string): string {
  const [root, ...steps] = path.split('/');
  const start = root === 'object' ? '' : root === '@' ? '' : root!;
  return steps.reduce((name, step) => {
    const text = unescaped(step);
    if (step === '*') return `${name}[*]`;
    if (!/^\w+$/.test(text)) return `${name}[${JSON.stringify(text)}]`;
    return name === '' ? text : `${name}.${text}`;
  }, start);
}

function write(formula: Formula, holder: string): string {
  switch (formula.kind) {
    case 'true':
    case 'false':
      return formula.kind;
    case 'opaque':
      return formula.holds ? formula.text : `!(${formula.text})`;
    case 'cell':
      return `${inside(formula.path, holder)} ${ofTest(formula.test)}`;
    case 'every':
    case 'some':
      return `${formula.kind === 'every' ? 'each' : 'one'} of ${inside(formula.path, holder)}: ${grouped(formula.of, '')}`;
    case 'and':
    case 'or':
      return formula.parts.map((part) => grouped(part, holder)).join(` ${formula.kind} `);
  }
}

function inside(path: string, holder: string): string {
  return path === '@' ? holder || 'it' : fieldName(path);
}

function grouped(formula: Formula, holder: string): string {
  const text = write(formula, holder);
  return formula.kind === 'and' || formula.kind === 'or' ? `(${text})` : text;
}

function ofTest(test: Test): string {
  const list = (values: readonly unknown[]) => values.map((value) => JSON.stringify(value)).join(', ');
  switch (test.test) {
    case 'absent':
      return 'is not set';
    case 'present':
      return 'is set';
    case 'is':
      return test.values.length === 1 ? `is ${list(test.values)}` : `is one of ${list(test.values)}`;
    case 'not':
      return test.values.length === 1
        ? `is set, not ${list(test.values)}`
        : `is set, none of ${list(test.values)}`;
    case 'number':
      return `${test.operation} ${test.value}`;
    case 'text': {
      const verbs = { startsWith: ['starts', 'start'], endsWith: ['ends', 'end'] } as const;
      const text = JSON.stringify(test.text);
      if (test.operation === 'contains') return `${test.holds ? 'contains' : 'does not contain'} ${text}`;
      if (test.operation === 'matches') return `${test.holds ? 'matches' : 'does not match'} ${text}`;
      const [yes, no] = verbs[test.operation];
      return `${test.holds ? yes : `does not ${no}`} with ${text}`;
    }
    case 'size':
      if (test.most === 0) return 'is empty';
      if (test.least === test.most) return `has size ${test.least}`;
      if (test.most === Number.POSITIVE_INFINITY) return `has at least size ${test.least}`;
      return test.least === 0
        ? `has at most size ${test.most}`
        : `has a size from ${test.least} to ${test.most}`;
  }
}
