/** Kyverno's match and exclude blocks in logic: kinds and operations are decided, the rest is a condition of its own. */
import type { ResourceInfo } from '../../model/index.ts';
import type { Block, BlockFilter } from '../match/blocks.ts';
import { globMatches } from '../match/glob.ts';
import type { Operation } from '../match/rules.ts';
import { type Formula, opaque, TRUE } from './formula.ts';

/** Whether any block may be about such requests. */
export function blocksFit({ match }: BlockFilter, info: ResourceInfo, operation: Operation): boolean {
  const fits = (block: Block) => fitsKind(block, info) && fitsOperation(block, operation);
  return match.needs === 'any' ? match.blocks.some(fits) : match.blocks.every(fits);
}

function fitsKind({ kinds }: Block, { group, version, kind }: ResourceInfo): boolean {
  return (
    kinds.length === 0 ||
    kinds.some(
      (pattern) =>
        globMatches(pattern.group, group) &&
        globMatches(pattern.version, version) &&
        globMatches(pattern.kind, kind) &&
        globMatches(pattern.subresource, ''),
    )
  );
}

function fitsOperation({ operations }: Block, operation: Operation): boolean {
  return operations.length === 0 || operations.includes(operation);
}

export function blocksFormula(filter: BlockFilter, policy: string): Formula {
  const plain = filter.namespace === '' && filter.exclude === null && filter.match.blocks.every(asksForKinds);
  return plain ? TRUE : opaque(`the match block of ${policy}`, true);
}

/** Nothing but kinds and operations. */
function asksForKinds(block: Block): boolean {
  const { name, selector, namespaceSelector } = block;
  const lists = [
    block.names,
    block.namespaces,
    block.annotations,
    block.subjects,
    block.roles,
    block.clusterRoles,
  ];
  return (
    name === '' && selector === null && namespaceSelector === null && lists.every((list) => list.length === 0)
  );
}
