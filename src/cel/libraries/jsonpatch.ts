/** Kubernetes' JSON Patch helper, for mutations only (k8s.io/apiserver pkg/cel/library/jsonpatch.go). */
import type { Library } from '../library.ts';
import { STRING } from '../types.ts';
import { scan } from './costs.ts';
import { declare, global } from './declare.ts';

const escapeKey = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1');

export const jsonpatch: Library = Object.freeze({
  name: 'kubernetes.jsonpatch',
  functions: declare({
    'jsonpatch.escapeKey': [global('string_jsonpatch_escapeKey_string', [STRING], STRING, escapeKey, scan)],
  }),
});
