/** `related` of a HardeningPolicy: its shape, what is refused in it, and the lookups it comes to. */
import type { Expression, GroupKind, Lookup, LookupKey } from '../../form.ts';
import { cel, type Infer, list, object, text } from '../../shape/shape.ts';
import { type DocumentFault, error } from '../fault.ts';
import { identifierFault } from '../names.ts';

export const relatedShape = list(
  object(
    'Objects looked up for the object that the policy is about.',
    {
      name: text('CEL identifier: expressions see the list `related.NAME`.'),
      kinds: list(
        text('`NetworkPolicy.networking.k8s.io`; of the core group `Service`.'),
        'Kinds that are looked up, in every version.',
      ),
      pods: {
        type: 'boolean',
        doc: 'Pod templates instead, of every kind that carries one: `{kind, name, namespace, labels, annotations, serviceAccountName, hostNetwork, ports}`.',
      },
      namespace: cel('String: the namespace to look in. Default: that of the object.'),
      everywhere: { type: 'boolean', doc: 'In all namespaces; needed for cluster-scoped kinds.' },
      named: cel('String or list of strings: the names they have.'),
      selected: cel('A label selector, or a map of labels: they carry such labels.'),
      selecting: cel('A map of labels: their own label selector, which `selector` gives, selects them.'),
      selector: cel('With `selecting`: the label selector of the candidate `item`, or its map of labels.'),
      shares: cel('String or list of strings: one of them is among those that `key` gives.'),
      key: cel('With `shares`: the string or strings of the candidate `item`.'),
    },
    ['name'],
  ),
  'Other objects that expressions may see. Variables and validations see all, a lookup those above it, match conditions none.',
);

type Source = Infer<typeof relatedShape>[number];

const WAYS = ['named', 'selected', 'selecting', 'shares'] as const;
/** What goes with a way of looking up: the expression about the candidate. */
const COMPANIONS = { selecting: 'selector', shares: 'key' } as const;

export function validateRelated(related: readonly Source[], pointer: string): DocumentFault[] {
  const names = new Set<string>();
  return related.flatMap((lookup, i) => {
    const at = `${pointer}/${i}`;
    const fault = identifierFault(lookup.name);
    const twice = names.has(lookup.name);
    names.add(lookup.name);
    return [
      ...(fault === undefined ? [] : [error(`${at}/name`, `The name "${lookup.name}" ${fault}.`)]),
      ...(twice ? [error(`${at}/name`, `A second lookup named "${lookup.name}".`)] : []),
      ...validateKinds(lookup, at),
      ...validateWay(lookup, at),
    ];
  });
}

const KIND = /^[A-Z][A-Za-z0-9]*(\.[a-z0-9]([-a-z0-9.]*[a-z0-9])?)?$/;

function validateKinds({ kinds = [], pods, namespace, everywhere }: Source, at: string): DocumentFault[] {
  const faults: DocumentFault[] = [];
  if (kinds.length > 0 === (pods === true))
    faults.push(error(at, 'Either "kinds" or "pods: true" is required.'));
  kinds.forEach((kind, i) => {
    if (!KIND.test(kind))
      faults.push(
        error(
          `${at}/kinds/${i}`,
          `Expected a kind and its group, "NetworkPolicy.networking.k8s.io", got "${kind}".`,
        ),
      );
  });
  if (namespace !== undefined && everywhere === true)
    faults.push(error(`${at}/everywhere`, '"namespace" and "everywhere" exclude each other.'));
  return faults;
}

function validateWay(lookup: Source, at: string): DocumentFault[] {
  const ways = WAYS.filter((way) => lookup[way] !== undefined);
  if (ways.length > 1)
    return [error(`${at}/${ways[1]}`, `"${ways[0]}" and "${ways[1]}" exclude each other.`)];
  return Object.entries(COMPANIONS).flatMap(([way, companion]) => {
    const has = lookup[companion] !== undefined;
    if ((ways[0] === way) === has) return [];
    return [
      has
        ? error(`${at}/${companion}`, `"${companion}" is given without "${way}".`)
        : error(`${at}/${way}`, `"${way}" needs "${companion}".`),
    ];
  });
}

/** Of a valid source. */
export function lookupsOf(related: readonly Source[], pointer: string): Lookup[] {
  return related.map((lookup, i) => {
    const { name, kinds = [], pods, everywhere } = lookup;
    const at = (field: keyof Source): Expression => ({
      text: lookup[field] as string,
      pointer: `${pointer}/${i}/${field}`,
    });
    return {
      name,
      of: pods === true ? 'pods' : kinds.map(groupKindOf),
      namespace: everywhere === true ? 'everywhere' : lookup.namespace === undefined ? null : at('namespace'),
      by: keyOf(lookup, at),
    };
  });
}

function groupKindOf(text: string): GroupKind {
  const dot = text.indexOf('.');
  return dot < 0 ? { group: '', kind: text } : { group: text.slice(dot + 1), kind: text.slice(0, dot) };
}

function keyOf(lookup: Source, at: (field: keyof Source) => Expression): LookupKey {
  if (lookup.named !== undefined) return { kind: 'name', ask: at('named') };
  if (lookup.selected !== undefined) return { kind: 'labels', ask: at('selected') };
  if (lookup.selecting !== undefined) return { kind: 'selector', ask: at('selecting'), item: at('selector') };
  return lookup.shares === undefined ? { kind: 'all' } : { kind: 'key', ask: at('shares'), item: at('key') };
}
