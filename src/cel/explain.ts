/**
 * Which field decided: for a finding, the place in the resource that made an expression false (or fail). The tree is
 * descended from the top; at each node the operand that decided is found by evaluating it again.
 */
import { CelError } from './errors.ts';
import { startMachine } from './interpret/interpret.ts';
import type { Binding, Result } from './interpret/machine.ts';
import type { Deadline } from './outcome.ts';
import type { Attribute, FoldNode, LogicNode, Node } from './plan/nodes.ts';
import type { Program } from './program.ts';
import {
  bindElement,
  bindValue,
  firstPointer,
  itemsOf,
  type Origins,
  pointerOf,
  type Tracer,
  trace,
  traceMember,
} from './provenance.ts';
import { Exhausted } from './runtime/limits.ts';
import { iterate } from './runtime/maps.ts';
import type { Value } from './values.ts';

export type { Origins, RootOrigin } from './provenance.ts';

/** What explaining one finding may cost; it evaluates parts of an expression again, at most once per level. */
const LIMIT = 20_000_000;

/** Which of two list items to point at when both decided: negative for the first, as `sort` takes it. */
export type Precedence = (a: Value, b: Value) => number;

export interface ExplainOptions {
  readonly precedence?: Precedence | undefined;
  /** After it there is no explanation. */
  readonly deadline?: Deadline | undefined;
  /** What the program came out as; absent: it is evaluated as far as that has to be known. */
  readonly result?: boolean | undefined;
}

type Search = (node: Node, tracer: Tracer) => string | undefined;

/**
 * The deepest field read by the sub-expression that decided a boolean program, as a JSON Pointer into the resource; it
 * may name a field that is absent. Of several items that decided, the one `precedence` puts first, and without it the
 * first of the list. Undefined when the decision hangs on nothing that comes from the resource. Never throws.
 */
export function explain(
  program: Program,
  vars: object,
  origins: Origins,
  { precedence, deadline, result }: ExplainOptions = {},
): { pointer: string } | undefined {
  const search: Search = (node, tracer) => decide(node, undefined, tracer, result);
  return attempt(program, vars, origins, search, { precedence, deadline });
}

/** The place of the value of a path-like expression (`at:` of native policies). Never throws. */
export function locate(
  program: Program,
  vars: object,
  origins: Origins,
  { deadline }: Pick<ExplainOptions, 'deadline'> = {},
): { pointer: string } | undefined {
  const search: Search = (node, tracer) => pointerOf(node, undefined, tracer);
  return attempt(program, vars, origins, search, { deadline });
}

function attempt(
  program: Program,
  vars: object,
  origins: Origins,
  search: Search,
  { precedence, deadline }: ExplainOptions,
): { pointer: string } | undefined {
  const expired = deadline === undefined ? undefined : () => deadline.now() >= deadline.at;
  const machine = startMachine(vars, LIMIT, program.plan.structs, expired);
  try {
    const pointer = search(program.plan.root, { machine, origins, precedence, bound: new Map() });
    return pointer === undefined ? undefined : { pointer };
  } catch (error) {
    // Without an explanation a finding is still a finding.
    if (error instanceof Exhausted || error instanceof CelError) return undefined;
    throw error;
  }
}

/** @param known What the node came out as, where that has been seen; then less needs to be evaluated again. */
function decide(node: Node, scope: Binding | undefined, tracer: Tracer, known?: Result): string | undefined {
  switch (node.kind) {
    case 'and':
    case 'or':
      return decideLogic(node, scope, tracer, known);
    case 'operator':
      if (node.operator === '!_')
        return decide(node.args[0]!, scope, tracer, typeof known === 'boolean' ? !known : undefined);
      if (node.operator === '@in') {
        const [member, container] = node.args as [Node, Node];
        return traceMember(member, container, scope, tracer).pointer ?? leaf(node.args, scope, tracer);
      }
      return leaf(node.args, scope, tracer);
    case 'equal':
    case 'not-equal':
      return decideEquality([node.left, node.right], scope, tracer);
    case 'in-set':
      return leaf([node.operand], scope, tracer);
    case 'call':
      return leaf(node.args, scope, tracer);
    case 'attribute':
      return decideAttribute(node.attribute, node, scope, tracer);
    case 'optional-or':
    case 'test':
      return pointerOf(node, scope, tracer);
    case 'fold':
      return decideFold(node, scope, tracer, known);
    default:
      return undefined;
  }
}

/** `false` makes `&&` false and `true` makes `||` true; otherwise all operands decided, and the deepest is shown. */
function decideLogic(
  node: LogicNode,
  scope: Binding | undefined,
  tracer: Tracer,
  known: Result | undefined,
): string | undefined {
  const decisive = node.kind === 'or';
  // Neither operand can have been decisive, or have failed, where the whole is the opposite.
  const neither = known === !decisive;
  const left = neither ? known : tracer.machine.evaluate(node.left, scope);
  if (left === decisive) return decide(node.left, scope, tracer, left);
  const right = neither ? known : tracer.machine.evaluate(node.right, scope);
  if (right === decisive) return decide(node.right, scope, tracer, right);
  if (isFailure(left)) return decide(node.left, scope, tracer, left);
  if (isFailure(right)) return decide(node.right, scope, tracer, right);
  return deepest(decide(node.left, scope, tracer, left), decide(node.right, scope, tracer, right));
}

function isFailure(result: Result): boolean {
  return typeof result !== 'boolean';
}

/** The pointer of more steps; of equals the second, which was evaluated later. */
function deepest(a: string | undefined, b: string | undefined): string | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return depth(a) > depth(b) ? a : b;
}

function depth(pointer: string): number {
  let steps = 0;
  for (let at = pointer.indexOf('/'); at !== -1; at = pointer.indexOf('/', at + 1)) steps++;
  return steps;
}

/** `a.all(…) == false` is decided as `a.all(…)` is. */
function decideEquality(
  sides: readonly [Node, Node],
  scope: Binding | undefined,
  tracer: Tracer,
): string | undefined {
  const [left, right] = sides;
  if (right.kind === 'const' && typeof right.value === 'boolean') return decide(left, scope, tracer);
  if (left.kind === 'const' && typeof left.value === 'boolean') return decide(right, scope, tracer);
  return leaf(sides, scope, tracer);
}

/** The deepest field that any operand read. */
function leaf(nodes: readonly Node[], scope: Binding | undefined, tracer: Tracer): string | undefined {
  let found: string | undefined;
  for (const node of nodes) {
    const pointer = operandPointer(node, scope, tracer);
    if (pointer !== undefined && (found === undefined || depth(pointer) > depth(found))) found = pointer;
  }
  return found;
}

function operandPointer(node: Node, scope: Binding | undefined, tracer: Tracer): string | undefined {
  const pointer = pointerOf(node, scope, tracer);
  if (pointer !== undefined) return pointer;
  switch (node.kind) {
    case 'operator':
    case 'call':
      return leaf(node.args, scope, tracer);
    case 'fold':
      // A list that came out empty: what it was made from.
      return pointerOf(node.range, scope, tracer);
    default:
      return undefined;
  }
}

/** A boolean field itself, the branch of a conditional that was taken, or a composed variable's program. */
function decideAttribute(
  attribute: Attribute,
  node: Node,
  scope: Binding | undefined,
  tracer: Tracer,
): string | undefined {
  if (attribute.root === 'conditional') {
    const condition = tracer.machine.evaluate(attribute.condition, scope);
    if (typeof condition !== 'boolean') return decide(attribute.condition, scope, tracer);
    const branch = condition ? attribute.truthy : attribute.falsy;
    return decideAttribute(branch, node, scope, tracer) ?? decide(attribute.condition, scope, tracer);
  }
  if (attribute.root === 'expression') {
    return attribute.qualifiers.length === 0
      ? decide(attribute.operand, scope, tracer)
      : (pathPointer(attribute, scope, tracer) ?? leaf([attribute.operand], scope, tracer));
  }
  const composed = composedProgram(attribute, tracer);
  if (composed !== undefined) return decide(composed.plan.root, undefined, tracer);
  return pathPointer(attribute, scope, tracer);
}

function pathPointer(attribute: Attribute, scope: Binding | undefined, tracer: Tracer): string | undefined {
  return firstPointer([{ kind: 'attribute', id: 0, attribute }], scope, tracer).pointer;
}

/** The program of `variables.name` (or of a name of its own), when that is all the attribute says. */
function composedProgram(
  attribute: Extract<Attribute, { root: 'variable' }>,
  tracer: Tracer,
): Program | undefined {
  const [first] = attribute.qualifiers;
  if (attribute.local !== undefined || attribute.qualifiers.length > 1) return undefined;
  let name = attribute.name;
  if (first !== undefined) {
    if (!('value' in first.key)) return undefined;
    name = `${name}.${String(first.key.value)}`;
  }
  const origin = Object.hasOwn(tracer.origins, name) ? tracer.origins[name] : undefined;
  return origin !== undefined && 'program' in origin ? origin.program : undefined;
}

function decideFold(
  node: FoldNode,
  scope: Binding | undefined,
  tracer: Tracer,
  known: Result | undefined,
): string | undefined {
  const range = tracer.machine.evaluate(node.range, scope);
  if (range instanceof CelError) return leaf([node.range], scope, tracer);
  const items = iterate(range);
  if (items === undefined) return leaf([node.range], scope, tracer);
  if (items.length === 0 && node.condition.kind === 'const' && node.condition.value === false) {
    return decide(node.result, bindValue(node, scope, tracer), tracer);
  }
  const places = itemsOf(range, trace(node.range, scope, tracer));
  const predicate = quantifiedPredicate(node);
  if (predicate !== undefined) {
    const bind = (index: number) => bindElement(node, range, items, places, index, scope, tracer);
    const decided = decidingElement(node, predicate, items, known, bind, tracer);
    if (decided !== undefined) {
      const { index, value } = decided;
      return decide(predicate, bind(index), tracer, value) ?? places[index];
    }
  }
  const listed = pointerOf(node.range, scope, tracer) ?? leaf([node.range], scope, tracer);
  if (listed !== undefined || predicate === undefined) return listed;
  // A list of constants (`['a', 'b'].exists(p, x.startsWith(p))`): what was compared with each of them.
  let found: string | undefined;
  for (let index = 0; index < items.length; index++) {
    const inner = bindElement(node, range, items, places, index, scope, tracer);
    found = deepest(found, decide(predicate, inner, tracer));
  }
  return found;
}

function quantifiedPredicate(node: FoldNode): Node | undefined {
  const { step, init } = node;
  if (init.kind !== 'const' || typeof init.value !== 'boolean') return undefined;
  return step.kind === 'and' || step.kind === 'or' ? step.right : undefined;
}

/**
 * An element that came out as the whole did: false for `all`, true for `exists`, else an error. Each is evaluated at most
 * once, and none that would stand behind the one found.
 */
function decidingElement(
  node: FoldNode,
  predicate: Node,
  items: readonly Value[],
  known: Result | undefined,
  bind: (index: number) => Binding,
  { machine, precedence }: Tracer,
): { readonly index: number; readonly value: Result } | undefined {
  const decisive = node.step.kind === 'or';
  // `exists` of one element that is false was decided by that element.
  const alone = (value: Result) => (items.length === 1 ? { index: 0, value } : undefined);
  if (typeof known === 'boolean' && (known !== decisive || items.length === 1)) return alone(known);
  const isBehind = (index: number, other: number) =>
    precedence === undefined || precedence(items[other]!, items[index]!) <= 0;
  let deciding: number | undefined;
  let failing: { readonly index: number; readonly value: Result } | undefined;
  for (let index = 0; index < items.length; index++) {
    if (deciding !== undefined && isBehind(index, deciding)) continue;
    const value = machine.evaluate(predicate, bind(index));
    if (value === decisive) {
      if (precedence === undefined) return { index, value };
      deciding = index;
    } else if (isFailure(value) && (failing === undefined || !isBehind(index, failing.index))) {
      failing = { index, value };
    }
  }
  return deciding === undefined ? (failing ?? alone(!decisive)) : { index: deciding, value: decisive };
}
