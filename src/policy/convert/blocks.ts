/** Kyverno's match and exclude blocks as an expression. */
import type { Block, BlockFilter, Blocks, KindPattern, PatternSelector } from '../match/blocks.ts';
import type { Requirement } from '../match/labels.ts';
import { quote } from './literal.ts';
import { Refused } from './plain.ts';

export function blocksText({ namespace, match, exclude }: BlockFilter): string {
  const parts = [
    ...(namespace === '' ? [] : [`request.namespace == ${quote(namespace)}`]),
    joined(match),
    ...(exclude === null ? [] : [`!(${joined(exclude)})`]),
  ];
  return parts.join(' &&\n');
}

function joined({ needs, blocks }: Blocks): string {
  const texts = blocks.map((block) => `(${blockText(block)})`);
  return needs === 'any' ? `(${texts.join(' ||\n')})` : texts.join(' &&\n');
}

const OBJECT = '(object == null ? oldObject : object)';

function blockText(block: Block): string {
  if (block.roles.length > 0 || block.clusterRoles.length > 0)
    throw new Refused('its match block asks for roles, which admission does not know');
  const name = `(${OBJECT}.metadata.?name.orValue('') != '' ? ${OBJECT}.metadata.name : ${OBJECT}.metadata.?generateName.orValue(''))`;
  const place = `(request.kind.kind == 'Namespace' ? ${OBJECT}.metadata.?name.orValue('') : ${OBJECT}.metadata.?namespace.orValue(request.?namespace.orValue('')))`;
  const parts = [
    ...some(block.operations, (operation) => `request.operation == ${quote(operation)}`),
    ...some(block.kinds, kindText),
    ...some(block.name === '' ? [] : [block.name], (pattern) => globText(name, pattern)),
    ...some(block.names, (pattern) => globText(name, pattern)),
    ...some(block.namespaces, (pattern) => globText(place, pattern)),
    ...block.annotations.map((pair) => pairText(`${OBJECT}.metadata.?annotations.orValue({})`, pair)),
    ...selectorText(`${OBJECT}.metadata.?labels.orValue({})`, block.selector),
    ...(block.namespaceSelector === null ? [] : [namespaceText()]),
    ...some(block.subjects, subjectText),
  ];
  // A block that asks nothing matches nothing.
  return parts.length === 0 ? 'false' : parts.join(' && ');
}

function namespaceText(): string {
  throw new Refused('its match block asks for labels of namespaces, and match conditions see no namespace');
}

function some<T>(list: readonly T[], text: (item: T) => string): string[] {
  return list.length === 0 ? [] : [`(${list.map(text).join(' || ')})`];
}

function kindText({ group, version, kind, subresource }: KindPattern): string {
  return [
    globText('request.kind.group', group),
    globText('request.kind.version', version),
    globText('request.kind.kind', kind),
    `(${globText("request.?subResource.orValue('')", subresource)}${kind === 'Pod' ? " || request.?subResource.orValue('') == 'ephemeralcontainers'" : ''})`,
  ]
    .filter((text) => text !== 'true')
    .join(' && ');
}

function globText(of: string, pattern: string): string {
  if (pattern === '*') return 'true';
  if (!/[*?]/.test(pattern)) return `${of} == ${quote(pattern)}`;
  const regex = [...pattern].map((c) =>
    c === '*' ? '.*' : c === '?' ? '.' : c.replace(/[\\^$.|+()[\]{}]/, '\\$&'),
  );
  return `${of}.matches(${quote(`^(?s:${regex.join('')})$`)})`;
}

function pairText(map: string, [key, value]: readonly [string, string]): string {
  return `${map}.exists(k, ${globText('k', key)} && ${globText(`${map}[k]`, value)})`;
}

function selectorText(labels: string, selector: PatternSelector | null): string[] {
  if (selector === null) return [];
  const expressions = selector.expressions.map((requirement) => requirementText(labels, requirement));
  return [...selector.labels.map((pair) => pairText(labels, pair)), ...expressions];
}

function requirementText(labels: string, { key, operator, values }: Requirement): string {
  const has = `${quote(key)} in ${labels}`;
  const among = `(${has} && ${labels}[${quote(key)}] in [${values.map(quote).join(', ')}])`;
  switch (operator) {
    case 'Exists':
      return `(${has})`;
    case 'DoesNotExist':
      return `!(${has})`;
    case 'In':
      return among;
    case 'NotIn':
      return `!${among}`;
  }
}

function subjectText({ kind, name, namespace }: Block['subjects'][number]): string {
  switch (kind) {
    case 'Group':
      return `request.userInfo.?groups.orValue([]).exists(g, ${globText('g', name)})`;
    case 'ServiceAccount':
      return globText("request.userInfo.?username.orValue('')", `system:serviceaccount:${namespace}:${name}`);
    default:
      return globText("request.userInfo.?username.orValue('')", name);
  }
}
