/** kube-linter: annotations of the object, `ignore-check.kube-linter.io/CHECK: reason` and `kube-linter.io/ignore-all`. */
import type { Said } from './suppression.ts';

const TOOL = 'kube-linter';
const ONE = 'ignore-check.kube-linter.io/';
const ALL = 'kube-linter.io/ignore-all';

/** Undefined for annotations that are none of kube-linter's. */
export function readKubeLinterAnnotation(key: string, value: unknown): Said | undefined {
  const comment = typeof value === 'string' ? value.trim() : '';
  if (key === ALL) return { tool: TOOL, form: 'all', check: 'ignore-all', comment, until: undefined };
  if (!key.startsWith(ONE)) return undefined;
  const check = key.slice(ONE.length);
  if (check === '') return { tool: TOOL, fault: `it names no check; write ${ONE}CHECK` };
  return { tool: TOOL, form: 'id', check, comment, until: undefined };
}
