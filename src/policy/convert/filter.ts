/** Gatekeeper's match block, its parameters and its given variables in the words of admission policies. */
import type { Ast } from '../../cel/ast.ts';
import type { Discovery, JsonMap } from '../../model/index.ts';
import { qualifiedNameFault } from '../dialects/names.ts';
import type { CompiledPolicy } from '../form.ts';
import { mapAt, own } from '../json.ts';
import type { Filter } from '../match/filter.ts';
import type { Requirement, Selector } from '../match/labels.ts';
import type { MatchResources } from '../match/match.ts';
import { celText, quote } from './literal.ts';
import { type Plain, type PlainExpression, plainOf, Refused, type Rewrite } from './plain.ts';
import { usesFree } from './rename.ts';

export function withoutFilter(policy: CompiledPolicy, filter: Filter, discovery: Discovery): Plain {
  if (filter.source === 'Generated')
    throw new Refused('it is about objects that an expansion makes, and admission never meets one');
  const asIs: Rewrite = (text, ast) => {
    refuseConstraint(ast);
    return text;
  };
  const given = new Set(
    policy.variables.filter(({ expression }) => expression.pointer === '').map(({ name }) => name),
  );
  // The given variables read the constraint; they are replaced by what they come to.
  const plain = plainOf(policy, {
    condition: asIs,
    other: (text, ast) => (isGiven(text, policy) ? text : asIs(text, ast)),
  });
  const texts = [
    ...plain.variables.filter(({ name }) => !given.has(name)).map(({ text }) => text),
    ...plain.validations.flatMap(({ text, messageText }) => [text, messageText]),
  ];
  const isUsed = (name: string) =>
    texts.some((text) => new RegExp(`\\bvariables\\s*\\.\\s*${name}\\b`).test(text));
  const variables = plain.variables.flatMap((variable): PlainExpression[] => {
    if (!given.has(variable.name)) return [variable];
    if (!isUsed(variable.name)) return [];
    return variable.name === 'params' ? [{ name: 'params', text: parametersText(policy) }] : [variable];
  });
  const condition = filterText(filter, policy.match);
  return {
    ...plain,
    name: policy.id.toLowerCase().replace('/', '-'),
    match: matchOf(policy.match, filter, discovery),
    conditions: [
      ...(condition === '' ? [] : [{ name: 'match', text: condition }]),
      ...named(plain.conditions),
    ],
    variables,
    bindings: plain.bindings.map((binding) => ({ ...binding, params: null })),
  };
}

function isGiven(text: string, { variables }: CompiledPolicy): boolean {
  return variables.some(({ expression }) => expression.pointer === '' && expression.text === text);
}

function refuseConstraint(ast: Ast): void {
  if (usesFree(ast, 'params')) throw new Refused('an expression reads the constraint itself as "params"');
}

/** Gatekeeper asks nothing of the names of conditions. */
function named(conditions: readonly PlainExpression[]): PlainExpression[] {
  const seen = new Set(['match']);
  return conditions.map(({ name, text }, i) => {
    const fine = name !== '' && qualifiedNameFault(name) === undefined && !seen.has(name);
    const given = fine ? name : `condition-${i + 1}`;
    seen.add(given);
    return { name: given, text };
  });
}

/** As `dyn`: the constraint's parameters have no type for the template's expressions. */
function parametersText({ bindings }: CompiledPolicy): string {
  const constraint: JsonMap = bindings[0]!.params ?? {};
  const spec = mapAt(constraint, 'spec');
  const parameters = spec === undefined ? undefined : own(spec, 'parameters');
  return parameters === undefined || parameters === null ? 'dyn(null)' : `dyn(${celText(parameters)})`;
}

/** Kinds that are known are named by their resources, so that the API server asks about nothing else. */
function matchOf(match: MatchResources, filter: Filter, discovery: Discovery): MatchResources {
  const namespaceSelector = filter.namespaceSelector;
  const found = filter.kinds.flatMap(({ apiGroups, kinds }) =>
    kinds.flatMap((kind) => apiGroups.map((group) => resourceOf(group, kind, discovery))),
  );
  const known = found.filter((entry) => entry !== undefined);
  if (found.length === 0 || known.length < found.length) return { ...match, namespaceSelector };
  const byGroup = Map.groupBy(known, ({ group }) => group);
  const [rule] = match.resourceRules;
  const resourceRules = [...byGroup].map(([group, of]) => ({
    ...rule!,
    apiGroups: [group],
    resources: [...new Set(of.map(({ resource }) => resource))].flatMap((resource) => [
      { resource, subresource: '' },
      { resource, subresource: '*' },
    ]),
  }));
  return { ...match, namespaceSelector, resourceRules };
}

function resourceOf(
  group: string,
  kind: string,
  discovery: Discovery,
): { group: string; resource: string } | undefined {
  const versions = ['v1', 'v2', 'v1beta1'];
  const infos = versions.map((version) =>
    discovery.ofKind(group === '' ? version : `${group}/${version}`, kind),
  );
  const info = infos.find(({ guessed }) => !guessed);
  return group === '*' || kind === '*' || info === undefined ? undefined : { group, resource: info.resource };
}

/** One of the objects of the request has to pass, as in Gatekeeper. Empty: nothing is asked. */
function filterText(filter: Filter, { resourceRules }: MatchResources): string {
  const onlyCreates = resourceRules.every(({ operations }) => operations.every((o) => o === 'CREATE'));
  const objects = onlyCreates ? ['object'] : ['object', 'oldObject'];
  const texts = objects.map((at) => ({ at, parts: partsFor(filter, at) }));
  if (texts.every(({ parts }) => parts.length === 0)) return '';
  if (onlyCreates) return texts[0]!.parts.join(' &&\n');
  return texts.map(({ at, parts }) => `(${[`${at} != null`, ...parts].join(' &&\n ')})`).join(' ||\n');
}

function partsFor(filter: Filter, at: string): string[] {
  const { kinds, scope, namespaces, excludedNamespaces, labelSelector, name } = filter;
  const own = `${at}.metadata.?namespace.orValue('')`;
  const isNamespace = `${at}.kind == 'Namespace' && !${at}.apiVersion.contains('/')`;
  // A Namespace lies in itself, and its request names it too.
  const mayBeNamespace = kinds.length === 0 || kinds.some(({ kinds: of }) => has(of, 'Namespace'));
  const lies = mayBeNamespace ? `(${isNamespace} ? ${at}.metadata.?name.orValue('') : ${own})` : own;
  const among = (patterns: readonly string[]) =>
    patterns.map((pattern) => wildcard(lies, pattern)).join(' || ');
  const clusterScoped = mayBeNamespace ? `(${isNamespace} || ${own} == '')` : `(${own} == '')`;
  return [
    ...(kinds.length === 0 ? [] : [or(kinds.map(({ apiGroups, kinds: of }) => kindText(apiGroups, of, at)))]),
    ...(scope === 'any' ? [] : [scope === 'Cluster' ? clusterScoped : `!${clusterScoped}`]),
    ...(namespaces.length === 0 ? [] : [`(${lies} == '' || ${among(namespaces)})`]),
    ...(excludedNamespaces.length === 0 ? [] : [`(${lies} == '' || !(${among(excludedNamespaces)}))`]),
    ...selectorParts(labelSelector, at),
    ...(name === '' ? [] : [nameText(name, at)]),
  ].filter((part) => part !== 'true');
}

function or(parts: readonly string[]): string {
  if (parts.includes('true')) return 'true';
  return parts.length === 1 ? parts[0]! : `(${parts.join(' || ')})`;
}

function has(list: readonly string[], value: string): boolean {
  return list.length === 0 || list.includes('*') || list.includes(value);
}

function kindText(groups: readonly string[], kinds: readonly string[], at: string): string {
  const all = (list: readonly string[]) => list.length === 0 || list.includes('*');
  const group = groups.map((g) =>
    g === '' ? `!${at}.apiVersion.contains('/')` : `${at}.apiVersion.startsWith(${quote(`${g}/`)})`,
  );
  const parts = [
    ...(all(kinds)
      ? []
      : [kinds.length === 1 ? `${at}.kind == ${quote(kinds[0]!)}` : `${at}.kind in ${celText(kinds)}`]),
    ...(all(groups) ? [] : [or(group)]),
  ];
  if (parts.length === 0) return 'true';
  return parts.length === 1 ? parts[0]! : `(${parts.join(' && ')})`;
}

function wildcard(value: string, pattern: string): string {
  const front = pattern.startsWith('*');
  const back = pattern.endsWith('*');
  const text = quote(pattern.slice(front ? 1 : 0, back && pattern.length > 1 ? -1 : undefined));
  if (front && back) return `${value}.contains(${text})`;
  if (front) return `${value}.endsWith(${text})`;
  return back ? `${value}.startsWith(${text})` : `${value} == ${text}`;
}

function nameText(pattern: string, at: string): string {
  const named = wildcard(`${at}.metadata.?name.orValue('')`, pattern);
  if (!pattern.endsWith('*')) return named;
  return `(${named} || ${wildcard(`${at}.metadata.?generateName.orValue('')`, pattern)})`;
}

function selectorParts(selector: Selector, at: string): string[] {
  return selector.map((requirement) =>
    requirementText(requirement, `${at}.metadata.?labels[?${quote(requirement.key)}]`),
  );
}

function requirementText({ operator, values }: Requirement, label: string): string {
  switch (operator) {
    case 'In':
      return `${label}.optMap(v, v in ${celText(values)}).orValue(false)`;
    case 'NotIn':
      return `${label}.optMap(v, !(v in ${celText(values)})).orValue(true)`;
    case 'Exists':
      return `${label}.hasValue()`;
    case 'DoesNotExist':
      return `!${label}.hasValue()`;
  }
}
