import {
  createKyvernoObject,
  KYVERNO_OBJECT_TYPES,
  KYVERNO_VARIABLES,
  kyvernoLibraries,
} from '../../cel/libraries/index.ts';
import type { CompilerOptions } from './compiler.ts';

const { exceptions: _, ...VARIABLES } = KYVERNO_VARIABLES;

/** What expressions of Kyverno's policies live among. */
export function kyvernoOptions(namespaced: boolean): Omit<CompilerOptions, 'memory' | 'subject'> {
  return {
    libraries: kyvernoLibraries({ namespaced }),
    crossTypeComparisons: true,
    variables: VARIABLES,
    objectTypes: KYVERNO_OBJECT_TYPES,
    create: createKyvernoObject,
  };
}
