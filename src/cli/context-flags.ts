import { UsageError } from '../app/usage.ts';
import type { Flags } from './command.ts';

/** What a scan knows beside the manifests. */
export const CONTEXT_FLAGS = {
  namespace: {
    type: 'string',
    hint: 'NAME',
    default: 'default',
    key: 'namespace',
    description: 'Namespace of namespaced objects that name none.',
  },
  context: {
    type: 'string',
    hint: 'FILE|URL',
    multiple: true,
    key: 'context',
    description:
      'Objects of the cluster, as manifests: namespaces, parameters, and what policies look up. They are not scanned.',
  },
  'no-defaults': {
    type: 'boolean',
    key: 'defaults',
    description:
      'Objects as they stand: without what the API server fills in before admission, which policies of a cluster see.',
  },
} as const satisfies Flags;

/** Throws UsageError for what is no name. */
export function namespaceName(text: string): string {
  if (/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(text)) return text;
  throw new UsageError(
    `--namespace: ${text} is no name of a namespace`,
    'lower case letters, digits and hyphens',
  );
}
