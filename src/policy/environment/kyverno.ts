import {
  createKyvernoObject,
  KYVERNO_OBJECT_TYPES,
  KYVERNO_VARIABLES,
  kyvernoLibraries,
} from '../../cel/libraries/index.ts';
import { DYN } from '../../cel/types.ts';
import type { CompilerOptions } from './compiler.ts';
import { OBJECT_TYPES } from './types.ts';

const { exceptions: _, ...VARIABLES } = KYVERNO_VARIABLES;
/** What all namespaces share is not for policies in one: Kyverno refuses those that name it. */
const { globalContext: __, ...OWN_VARIABLES } = VARIABLES;

const REQUEST = 'kubernetes.AdmissionRequest';
/** Unlike the API server's, with the objects. */
const WHOLE_REQUEST = { ...OBJECT_TYPES[REQUEST], object: DYN, oldObject: DYN };

/** What expressions of Kyverno's policies live among. */
export function kyvernoOptions(namespaced: boolean): Omit<CompilerOptions, 'memory' | 'subject'> {
  return {
    libraries: kyvernoLibraries({ namespaced }),
    crossTypeComparisons: true,
    variables: namespaced ? OWN_VARIABLES : VARIABLES,
    objectTypes: { ...KYVERNO_OBJECT_TYPES, [REQUEST]: WHOLE_REQUEST },
    create: createKyvernoObject,
  };
}
