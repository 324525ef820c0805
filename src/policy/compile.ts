import { hasCrossTypeComparisons, kubernetesLibraries } from '../cel/libraries/index.ts';
import type { Resource } from '../model/index.ts';
import { type CompilerOptions, createCompiler, type ExpressionMemory } from './environment/compiler.ts';
import type { Dialect } from './form.ts';
import { type Compilers, loadPolicies, type PolicySet } from './load.ts';
import type { CompileExpression } from './program.ts';
import { DEFAULT_SETTINGS, SETTINGS, type Settings } from './settings/settings.ts';
import type { PolicySource } from './source/places.ts';

export interface CompileOptions {
  readonly settings?: Settings;
  /** Finds lines and columns; without it problems point at the document's first line. */
  readonly source?: PolicySource;
  /** True for documents known to compile (the built-in library): expressions are then compiled on first use. */
  readonly lazy?: boolean;
  /** Expressions of an earlier run. */
  readonly memory?: ExpressionMemory;
}

/**
 * Compiles the policies, with their bindings, among some documents. What is wrong with a document is a problem of the
 * set; the other policies are not touched by it. Never throws for what documents hold.
 */
export function compilePolicies(documents: readonly Resource[], options: CompileOptions = {}): PolicySet {
  const { settings = DEFAULT_SETTINGS, memory } = options;
  return loadPolicies(documents, { ...options, settings, compile: compilersOf(settings, memory) });
}

function compilersOf(settings: Settings, memory: ExpressionMemory | undefined): Compilers {
  const compilerOf = memory === undefined ? compilerFor : remembering(memory);
  const compiler = (dialect: Dialect) => compilerOf(minorOf(dialect, settings));
  return {
    vap: compiler('vap'),
    map: compiler('map'),
    native: compiler('native'),
    gatekeeper: compiler('gatekeeper'),
  };
}

/** The Kubernetes minor whose libraries a dialect has. */
export function minorOf(dialect: Dialect, settings: Settings): number {
  // Nobody but Rampart runs native policies, and Gatekeeper brings its own CEL, whatever the cluster is.
  const ofCluster = dialect === 'vap' || dialect === 'map';
  return ofCluster ? settings['kubernetes.version'] : SETTINGS['kubernetes.version'].last;
}

/** One compiler for each minor, with the minor in the keys of what they share. */
function remembering(memory: ExpressionMemory): (minor: number) => CompileExpression {
  return (minor) =>
    newCompiler(minor, {
      get: (key) => memory.get(`${minor} ${key}`),
      set: (key, packed) => memory.set(`${minor} ${key}`, packed),
    });
}

const compilers = new Map<number, CompileExpression>();

/** Compilers keep their programs, so that one text compiled under several settings is compiled once. */
export function compilerFor(minor: number): CompileExpression {
  let compiler = compilers.get(minor);
  if (compiler === undefined) {
    compiler = newCompiler(minor);
    compilers.set(minor, compiler);
  }
  return compiler;
}

function newCompiler(minor: number, memory?: ExpressionMemory): CompileExpression {
  return createCompiler({
    ...librariesOf(minor),
    ...(memory === undefined ? {} : { memory }),
  });
}

/** What expressions may use in a Kubernetes minor. */
export function librariesOf(minor: number): Pick<CompilerOptions, 'libraries' | 'crossTypeComparisons'> {
  return { libraries: kubernetesLibraries(minor), crossTypeComparisons: hasCrossTypeComparisons(minor) };
}
