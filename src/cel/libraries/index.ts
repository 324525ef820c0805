/**
 * @module Function libraries of CEL: those the API server offers by Kubernetes version, and those of other dialects.
 */
export { bindings } from './bindings.ts';
export { encoders } from './encoders.ts';
export { Ip } from './ip.ts';
export { jsonpatch } from './jsonpatch.ts';
export {
  hasCrossTypeComparisons,
  KUBERNETES_LIBRARIES,
  kubernetesLibraries,
  LATEST_MINOR,
} from './kubernetes.ts';
export type { AskContext, ContextAnswer, ContextQuestion } from './kyverno/context.ts';
export { type KyvernoLibraryOptions, kyvernoLibraries } from './kyverno/libraries.ts';
export {
  createExceptions,
  createKyvernoContext,
  createKyvernoObject,
  KYVERNO_OBJECT_TYPES,
  KYVERNO_VARIABLES,
  type KyvernoContext,
  type KyvernoContextOptions,
} from './kyverno/variables.ts';
export type { ParseYaml } from './kyverno/yaml.ts';
export { math } from './math.ts';
export {
  JSON_PATCH_TYPE,
  OBJECT_TYPE,
  type ObjectValue,
  patchTypes,
} from './patch-types.ts';
export { Quantity } from './quantity.ts';
export { libraryTable } from './table.ts';
