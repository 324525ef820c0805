import { bindings, encoders, kubernetesLibraries, LATEST_MINOR, math } from '../../cel/libraries/index.ts';
import type { CompilerOptions } from './compiler.ts';

/** What expressions of Kyverno's policies may use. */
export function kyvernoOptions(_namespaced: boolean): Omit<CompilerOptions, 'memory' | 'subject'> {
  const libraries = kubernetesLibraries(LATEST_MINOR).filter(({ name }) => !name.includes('authz'));
  return { libraries: [...libraries, bindings, encoders, math], crossTypeComparisons: true };
}
