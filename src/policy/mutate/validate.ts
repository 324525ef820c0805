/** Whether an object fits its kind's schema (structured-merge-diff typed/validate.go). */
import type { Atom, ListAtom, MapAtom } from './atoms.ts';
import { itemId } from './items.ts';
import { deduce, isMapValue, scalarFault, show } from './values.ts';

/** What is wrong, each with the path to it; empty when nothing is. */
export function faultsOf(atom: Atom, value: unknown, allowDuplicates: boolean): readonly string[] {
  const faults: string[] = [];
  visit(atom, value, '', { allowDuplicates, faults });
  return faults;
}

/** One alone, several below each other. */
export function joined(faults: readonly string[]): string {
  return faults.length === 1 ? faults[0]! : ['errors:', ...faults.map((fault) => `  ${fault}`)].join('\n');
}

interface Visit {
  readonly allowDuplicates: boolean;
  readonly faults: string[];
}

function say({ faults }: Visit, path: string, message: string): void {
  faults.push(path === '' ? message : `${path}: ${message}`);
}

function visit(atom: Atom, value: unknown, path: string, to: Visit): void {
  const { map, scalar, list } = deduce(atom, value);
  if (map !== undefined) visitMap(map, value, path, to);
  else if (scalar !== undefined) {
    const fault = scalarFault(scalar, value);
    if (fault !== undefined) say(to, path, fault);
  } else if (list !== undefined) visitList(list, value, path, to);
}

function visitMap(map: MapAtom, value: unknown, path: string, to: Visit): void {
  if (value === null) return;
  if (!isMapValue(value)) {
    say(to, path, `expected map, got ${show(value)}`);
    return;
  }
  for (const key of Object.keys(value)) {
    const field = map.field(key) ?? map.rest?.();
    if (field === undefined) {
      say(to, `${path}.${key}`, 'field not declared in schema');
      return;
    }
    visit(field, value[key], `${path}.${key}`, to);
  }
}

function visitList(list: ListAtom, value: unknown, path: string, to: Visit): void {
  if (value === null) return;
  if (!Array.isArray(value)) {
    say(to, path, `expected list, got ${show(value)}`);
    return;
  }
  const seen = new Set<string>();
  for (let i = 0; i < value.length; i++) {
    let step = `[${i}]`;
    if (!list.atomic) {
      const item = itemId(list, value[i]);
      if ('fault' in item) {
        say(to, path, `element ${i}: ${item.fault}`);
        return;
      }
      step = item.id;
      if (seen.has(step) && !to.allowDuplicates) say(to, path, `duplicate entries for key ${step}`);
      seen.add(step);
    }
    visit(list.items(), value[i], `${path}${step}`, to);
  }
}
