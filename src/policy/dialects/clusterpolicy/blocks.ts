import type { Block, Blocks, KindPattern, PatternSelector } from '../../match/blocks.ts';
import { compileSelector, type LabelSelector } from '../../match/labels.ts';
import { OPERATIONS } from '../../match/rules.ts';
import { type DocumentFault, error } from '../fault.ts';
import { notOneOf, validateSelector } from '../vap/validate-match.ts';
import type { BlockSource, BlocksSource } from './shape.ts';

export function compileBlocks(source: BlocksSource): Blocks {
  if ((source.any?.length ?? 0) > 0) return { needs: 'any', blocks: source.any!.map(compileBlock) };
  if ((source.all?.length ?? 0) > 0) return { needs: 'all', blocks: source.all!.map(compileBlock) };
  return { needs: 'any', blocks: [compileBlock(source)] };
}

function compileBlock({ resources = {}, subjects, roles, clusterRoles }: BlockSource): Block {
  return {
    kinds: (resources.kinds ?? []).map(parseKind),
    name: resources.name ?? '',
    names: resources.names ?? [],
    namespaces: resources.namespaces ?? [],
    annotations: Object.entries(resources.annotations ?? {}),
    selector: compilePatterns(resources.selector),
    namespaceSelector: compilePatterns(resources.namespaceSelector),
    operations: resources.operations ?? [],
    subjects: (subjects ?? []).map(({ kind = '', name = '', namespace = '' }) => ({ kind, name, namespace })),
    roles: roles ?? [],
    clusterRoles: clusterRoles ?? [],
  };
}

export function compilePatterns(selector: LabelSelector | undefined): PatternSelector | null {
  if (selector === undefined) return null;
  const { matchLabels = {}, matchExpressions } = selector;
  return {
    labels: Object.entries(matchLabels),
    expressions: compileSelector(matchExpressions === undefined ? {} : { matchExpressions }),
  };
}

const VERSION = /^(v\d((alpha|beta)\d)?|\*)$/;

/** `Kind`, `version/Kind`, `group/version/Kind`, each with `/subresource` or `.subresource`. */
export function parseKind(text: string): KindPattern {
  const slashed = text.split('/');
  const parts = [...slashed.slice(0, -1), ...slashed.at(-1)!.split('.')];
  const [a = '', b = '', c = '', d = ''] = parts;
  const made = (group: string, version: string, kind: string, subresource = ''): KindPattern => ({
    group,
    version,
    kind,
    subresource,
  });
  switch (parts.length) {
    case 1:
      return made('*', '*', a);
    case 2:
      if (a === '*' && b === '*') return made('*', '*', '*', '*');
      if (a === '*' && b.toLowerCase() === b) return made('*', '*', a, b);
      return VERSION.test(a) ? made('*', a, b) : made('*', '*', a, b);
    case 3:
      return VERSION.test(a) ? made('*', a, b, c) : made(a, b, c);
    case 4:
      return made(a, b, c, d);
    default:
      return made('', '', '');
  }
}

export function validateBlocks(source: BlocksSource, pointer: string): DocumentFault[] {
  const faults: DocumentFault[] = [];
  if ((source.any?.length ?? 0) > 0 && (source.all?.length ?? 0) > 0)
    faults.push(error(pointer, 'Either any or all, not both.'));
  faults.push(...validateBlock(source, pointer));
  for (const field of ['any', 'all'] as const)
    source[field]?.forEach((block, i) => {
      faults.push(...validateBlock(block, `${pointer}/${field}/${i}`));
    });
  return faults;
}

function validateBlock({ resources = {} }: BlockSource, pointer: string): DocumentFault[] {
  const at = `${pointer}/resources`;
  return [
    ...(resources.operations ?? []).flatMap((operation, i) =>
      (OPERATIONS as readonly string[]).includes(operation)
        ? []
        : [notOneOf(`${at}/operations/${i}`, operation, OPERATIONS)],
    ),
    ...(resources.kinds ?? []).flatMap((kind, i) =>
      parseKind(kind).kind === '' ? [error(`${at}/kinds/${i}`, `"${kind}" names no kind.`)] : [],
    ),
    ...validateSelector(withoutPatterns(resources.selector), `${at}/selector`),
    ...validateSelector(withoutPatterns(resources.namespaceSelector), `${at}/namespaceSelector`),
  ];
}

/** Labels with wildcards follow no rule for labels. */
function withoutPatterns(selector: LabelSelector | undefined): LabelSelector | undefined {
  if (selector?.matchLabels === undefined) return selector;
  const plain = Object.entries(selector.matchLabels).filter((entry) => !/[*?]/.test(entry.join('')));
  return { ...selector, matchLabels: Object.fromEntries(plain) };
}
