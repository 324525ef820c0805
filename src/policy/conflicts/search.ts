/** Objects that meet a formula and stand the test of evaluation, or the proof that there is none. */
import type { JsonMap } from '../../model/index.ts';
import type { Formula } from './formula.ts';
import { minimalObject, NoValue, namespaceLabelsOf, objectOf } from './model.ts';
import { OutOfSteps, type Solution, type Steps, solutions } from './solve.ts';
import type { KindStructure } from './structure.ts';
import type { Case } from './witness.ts';

export type Found =
  | { readonly found: 'case'; readonly of: Case }
  /** Proven: no object meets the formula. */
  | { readonly found: 'nothing' }
  /** None of the objects that were tried does. */
  | { readonly found: 'open'; readonly why: 'too-many-cases' | 'not-confirmed' };

const MAX_STEPS = 4_000;
const MAX_TRIES = 40;

/** @param accepts says whether an object is one, by evaluation */
export function find(formula: Formula, structure: KindStructure, accepts: (of: Case) => boolean): Found {
  const steps: Steps = { left: MAX_STEPS };
  let tries = 0;
  try {
    for (const solution of solutions(formula, structure, steps)) {
      for (const of of casesOf(solution, structure)) if (accepts(of)) return { found: 'case', of };
      if (++tries >= MAX_TRIES) return { found: 'open', why: 'not-confirmed' };
    }
  } catch (error) {
    if (!(error instanceof OutOfSteps)) throw error;
    return { found: 'open', why: tries > 0 ? 'not-confirmed' : 'too-many-cases' };
  }
  return tries === 0 ? { found: 'nothing' } : { found: 'open', why: 'not-confirmed' };
}

function* casesOf(solution: Solution, structure: KindStructure): Iterable<Case> {
  for (const base of basesOf(structure)) {
    try {
      const namespaceLabels = namespaceLabelsOf(solution, structure);
      yield { object: objectOf(solution, structure, base), namespaceLabels };
    } catch (error) {
      if (!(error instanceof NoValue)) throw error;
    }
  }
}

const bases = new WeakMap<KindStructure, readonly JsonMap[]>();

/** The smallest object, and for pods a hardened one: what a condition that is not understood asks is often met by it. */
export function basesOf(structure: KindStructure): readonly JsonMap[] {
  let known = bases.get(structure);
  if (known === undefined) {
    const minimal = minimalObject(structure);
    known = structure.pods === undefined ? [minimal] : [minimal, hardened(minimal, structure.pods)];
    bases.set(structure, known);
  }
  return known;
}

function hardened(minimal: JsonMap, pointer: string): JsonMap {
  const object = structuredClone(minimal);
  let pod = object as { [key: string]: unknown };
  for (const step of pointer === '' ? [] : pointer.slice(1).split('/')) pod = pod[step] as typeof pod;
  const digest = `sha256:${'0'.repeat(64)}`;
  pod['spec'] = {
    automountServiceAccountToken: false,
    serviceAccountName: 'witness',
    securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' } },
    containers: [
      {
        name: 'main',
        image: `registry.example/app:1.0.0@${digest}`,
        imagePullPolicy: 'Always',
        resources: { requests: { cpu: '100m', memory: '64Mi' }, limits: { cpu: '100m', memory: '64Mi' } },
        securityContext: {
          allowPrivilegeEscalation: false,
          privileged: false,
          readOnlyRootFilesystem: true,
          runAsNonRoot: true,
          runAsUser: 1000,
          capabilities: { drop: ['ALL'] },
          seccompProfile: { type: 'RuntimeDefault' },
        },
      },
    ],
  };
  return object;
}
