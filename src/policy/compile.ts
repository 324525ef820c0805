import { hasCrossTypeComparisons, kubernetesLibraries } from '../cel/libraries/index.ts';
import type { Resource } from '../model/index.ts';
import { type CompilerOptions, createCompiler, type ExpressionMemory } from './environment/compiler.ts';
import { kyvernoOptions } from './environment/kyverno.ts';
import type { Dialect } from './form.ts';
import { type Compilers, loadPolicies, type PolicySet } from './load.ts';
import type { CompileExpression } from './program.ts';
import type { Reuse } from './reuse.ts';
import { DEFAULT_SETTINGS, SETTINGS, type Settings } from './settings/settings.ts';
import type { PolicySource } from './source/places.ts';

export interface CompileOptions {
  readonly settings?: Settings;
  /** Finds lines and columns; without it problems point at the document's first line. */
  readonly source?: PolicySource;
  /** True for documents known to compile (the built-in library): expressions are then compiled on first use. */
  readonly lazy?: boolean;
  /** Milliseconds, for exceptions that expire; absent: none does. */
  readonly now?: number;
  /** Expressions of an earlier run. */
  readonly memory?: ExpressionMemory;
  /** Ids: others are read, and left out. */
  readonly only?: ReadonlySet<string>;
  /** What an earlier call under the same settings came to; what this one comes to is added. */
  readonly reuse?: Reuse;
}

/**
 * Compiles the policies, with their bindings, among some documents. What is wrong with a document is a problem of the
 * set; the other policies are not touched by it. Never throws for what documents hold.
 */
export function compilePolicies(documents: readonly Resource[], options: CompileOptions = {}): PolicySet {
  const steps = compilingPolicies(documents, options);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** The same in steps of about a millisecond or less. */
export function compilingPolicies(
  documents: readonly Resource[],
  options: CompileOptions = {},
): Generator<void, PolicySet> {
  const { settings = DEFAULT_SETTINGS, memory } = options;
  return loadPolicies(documents, { ...options, settings, compile: compilersOf(settings, memory) });
}

function compilersOf(settings: Settings, memory: ExpressionMemory | undefined): Compilers {
  const compilerOf = memory === undefined ? compilerFor : remembering(memory);
  const compiler = (dialect: Dialect) => compilerOf(surroundingsOf(dialect, settings));
  return {
    vap: compiler('vap'),
    map: compiler('map'),
    native: compiler('native'),
    gatekeeper: compiler('gatekeeper'),
    clusterpolicy: compiler('clusterpolicy'),
    kyverno: compiler('kyverno'),
    'kyverno-namespaced': compiler('kyverno-namespaced'),
  };
}

/** What expressions live among: the libraries of a Kubernetes minor (37 for 1.37), or Kyverno's. */
export type Surroundings = number | 'kyverno' | 'kyverno-namespaced';

export function surroundingsOf(dialect: Dialect, settings: Settings): Surroundings {
  switch (dialect) {
    case 'kyverno':
    case 'kyverno-namespaced':
      return dialect;
    case 'vap':
    case 'map':
      return settings['kubernetes.version'];
    default:
      // Nobody but Rampart runs native policies, and Gatekeeper brings its own CEL, whatever the cluster is.
      return SETTINGS['kubernetes.version'].last;
  }
}

/** One compiler for each, with its name in the keys of what they share. */
function remembering(memory: ExpressionMemory): (surroundings: Surroundings) => CompileExpression {
  return (surroundings) =>
    newCompiler(surroundings, {
      get: (key) => memory.get(`${surroundings} ${key}`),
      set: (key, packed) => memory.set(`${surroundings} ${key}`, packed),
    });
}

const compilers = new Map<Surroundings, CompileExpression>();

/** Compilers keep their programs, so that one text compiled under several settings is compiled once. */
export function compilerFor(surroundings: Surroundings): CompileExpression {
  let compiler = compilers.get(surroundings);
  if (compiler === undefined) {
    compiler = newCompiler(surroundings);
    compilers.set(surroundings, compiler);
  }
  return compiler;
}

function newCompiler(surroundings: Surroundings, memory?: ExpressionMemory): CompileExpression {
  return createCompiler({
    ...optionsOf(surroundings),
    ...(memory === undefined ? {} : { memory }),
  });
}

/** What expressions may use. */
export function optionsOf(surroundings: Surroundings): Omit<CompilerOptions, 'memory' | 'subject'> {
  if (typeof surroundings !== 'number') return kyvernoOptions(surroundings === 'kyverno-namespaced');
  return {
    libraries: kubernetesLibraries(surroundings),
    crossTypeComparisons: hasCrossTypeComparisons(surroundings),
  };
}
