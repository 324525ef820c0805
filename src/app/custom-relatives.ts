import type { Defaults } from '../model/index.ts';
import type { Relative } from '../policy/index.ts';
import type { Facts } from './facts.ts';

/**
 * Objects that policies look up, of kinds that the files define, as policies are to see them: their defaults are known only
 * once all files are read.
 */
export function customDefaults({ definitions }: Facts, defaults: Defaults): (relative: Relative) => Relative {
  const groups = new Set(definitions.map(({ object }) => groupOf(object['spec'])));
  return (relative) => {
    const { group, kind, object } = relative;
    if (object === null || !groups.has(group)) return relative;
    return { ...relative, object: defaults.apply(String(object['apiVersion']), kind, object) };
  };
}

function groupOf(spec: unknown): unknown {
  return typeof spec === 'object' && spec !== null && 'group' in spec ? spec.group : undefined;
}
