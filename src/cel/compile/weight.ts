/** How much code a node makes. */
import type { Attribute, Node, Qualifier } from '../plan/nodes.ts';

/** Number of nodes and selections; undefined for nodes with loops in them. */
export function sizeOfSimple(node: Node): number | undefined {
  switch (node.kind) {
    case 'const':
      return 1;
    case 'attribute':
    case 'test':
      return sizeOfAttribute(node.attribute);
    case 'and':
    case 'or':
    case 'equal':
    case 'not-equal':
    case 'optional-or':
      return sum(1, [sizeOfSimple(node.left), sizeOfSimple(node.right)]);
    case 'operator':
    case 'call':
      return sum(1, node.args.map(sizeOfSimple));
    case 'in-set':
      return sum(1, [sizeOfSimple(node.operand)]);
    case 'list':
      return sum(1, node.elements.map(sizeOfSimple));
    case 'map':
      return sum(
        1,
        node.entries.flatMap(({ key, value }) => [sizeOfSimple(key), sizeOfSimple(value)]),
      );
    case 'struct':
      return sum(
        1,
        node.fields.map(({ value }) => sizeOfSimple(value)),
      );
    case 'fold':
      return undefined;
  }
}

function sizeOfAttribute(attribute: Attribute): number | undefined {
  switch (attribute.root) {
    case 'variable':
      return sum(1, attribute.qualifiers.map(sizeOfQualifier));
    case 'expression':
      return sum(1, [sizeOfSimple(attribute.operand), ...attribute.qualifiers.map(sizeOfQualifier)]);
    case 'conditional':
      return sum(1, [
        sizeOfSimple(attribute.condition),
        sizeOfAttribute(attribute.truthy),
        sizeOfAttribute(attribute.falsy),
      ]);
  }
}

function sizeOfQualifier({ key }: Qualifier): number | undefined {
  if ('value' in key) return 1;
  return 'attribute' in key ? sizeOfAttribute(key.attribute) : sizeOfSimple(key.node);
}

function sum(start: number, sizes: readonly (number | undefined)[]): number | undefined {
  let total = start;
  for (const size of sizes) {
    if (size === undefined) return undefined;
    total += size;
  }
  return total;
}

/** Whether evaluating a node takes about as long whatever the values are: no loop in it, and nothing that hides one. */
export function isBrief(node: Node): boolean {
  switch (node.kind) {
    case 'const':
      return true;
    case 'attribute':
    case 'test':
      return isBriefAttribute(node.attribute);
    case 'and':
    case 'or':
      return isBrief(node.left) && isBrief(node.right);
    case 'equal':
    case 'not-equal':
      return (isPrimitive(node.left) || isPrimitive(node.right)) && isBrief(node.left) && isBrief(node.right);
    case 'operator':
      return node.operator === '!_' && node.args.every(isBrief);
    case 'in-set':
      return isBrief(node.operand);
    default:
      return false;
  }
}

function isBriefAttribute(attribute: Attribute): boolean {
  return attribute.root === 'variable' && attribute.qualifiers.every(({ key }) => 'value' in key);
}

function isPrimitive(node: Node): boolean {
  return node.kind === 'const' && (node.value === null || typeof node.value !== 'object');
}
