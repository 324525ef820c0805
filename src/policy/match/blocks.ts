/**
 * Kyverno's match and exclude blocks: kinds, names, namespaces, labels, annotations, operations, who asks.
 * Source: kyverno pkg/engine/utils/match.go, pkg/utils/match.
 */
import type { JsonMap } from '../../model/index.ts';
import { mapAt, own, stringAt } from '../json.ts';
import type { AdmissionRequest, UserInfo } from '../request.ts';
import type { FilterAnswer } from './filter.ts';
import { globMatches } from './glob.ts';
import { type Selector, selects } from './labels.ts';
import type { MatchContext } from './match.ts';
import { selectsNamespace } from './namespaces.ts';

export interface BlockFilter {
  /** Of a namespaced policy; empty: of all. */
  readonly namespace: string;
  readonly match: Blocks;
  readonly exclude: Blocks | null;
  /** What is exempted, where one of them fits. */
  readonly except: readonly RuleException[];
  /** Null: whether other rules of the policy apply does not matter. */
  readonly turn: Turn | null;
}

/** A rule of a policy that is done with the first that applies. */
export interface Turn {
  readonly policy: string;
  readonly index: number;
}

/** A PolicyException of kyverno.io. */
export interface RuleException {
  /** `namespace/name`. */
  readonly name: string;
  readonly match: Blocks;
}

export interface Blocks {
  /** Whether any block is enough, or all are needed. */
  readonly needs: 'any' | 'all';
  readonly blocks: readonly Block[];
}

/** What is empty asks nothing; of each list one has to fit. */
export interface Block {
  readonly kinds: readonly KindPattern[];
  readonly names: readonly string[];
  /** The one of the former spelling, beside the list. */
  readonly name: string;
  readonly namespaces: readonly string[];
  readonly annotations: readonly (readonly [string, string])[];
  /** Null: none. */
  readonly selector: PatternSelector | null;
  readonly namespaceSelector: PatternSelector | null;
  readonly operations: readonly string[];
  readonly subjects: readonly Subject[];
  readonly roles: readonly string[];
  readonly clusterRoles: readonly string[];
}

export interface KindPattern {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly subresource: string;
}

/** A label selector whose `matchLabels` may hold wildcards, in keys and values. */
export interface PatternSelector {
  readonly labels: readonly (readonly [string, string])[];
  readonly expressions: Selector;
}

export interface Subject {
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
}

export function passesBlocks(
  filter: BlockFilter,
  request: AdmissionRequest,
  context: MatchContext,
): FilterAnswer {
  if (filter.namespace !== '' && filter.namespace !== namespaceOf(request)) return false;
  const matched = answerOf(filter.match, request, context, 'match');
  if (matched === false || filter.exclude === null) return matched;
  const excluded = answerOf(filter.exclude, request, context, 'exclude');
  if (excluded === true) return false;
  return matched === true && excluded !== false ? excluded : matched;
}

/**
 * Names of the exceptions that fit a request the filter lets pass; or why nobody can say.
 * Source: kyverno pkg/engine/utils/exceptions.go.
 */
export function exceptionsTo(
  { except }: BlockFilter,
  request: AdmissionRequest,
  context: MatchContext,
): readonly string[] | Exclude<FilterAnswer, boolean> {
  const names: string[] = [];
  let unknown: Exclude<FilterAnswer, boolean> | undefined;
  for (const { name, match } of except) {
    const answer = answerOf(match, request, context, 'except');
    if (answer === true) names.push(name);
    else if (answer !== false) unknown ??= answer;
  }
  return names.length > 0 || unknown === undefined ? names : unknown;
}

/** Namespaces by name and label. */
export interface Override {
  /** With wildcards; empty: all. */
  readonly namespaces: readonly string[];
  readonly selector: PatternSelector | null;
}

/** What asks nothing overrides nothing; a label that nobody knows overrides nothing either. */
export function overrides(
  { namespaces, selector }: Override,
  request: AdmissionRequest,
  context: MatchContext,
): boolean {
  if (namespaces.length === 0 && selector === null) return false;
  return (
    fitsOne(namespaces, (pattern) => globMatches(pattern, placeOf(request))) &&
    fitsNamespace(selector, request, context) === true
  );
}

/** What blocks are asked for: users and namespaces that there are not are read differently. */
type Use = 'match' | 'exclude' | 'except';

/** Three-valued: what is unknown matters only where nothing known decides. */
function answerOf(
  { needs, blocks }: Blocks,
  request: AdmissionRequest,
  context: MatchContext,
  use: Use,
): FilterAnswer {
  let unknown: FilterAnswer | undefined;
  for (const block of blocks) {
    const fits = isEmpty(block) ? false : fitsBlock(block, request, context, use);
    if (fits === (needs === 'any')) return fits;
    if (typeof fits === 'object') unknown ??= fits;
  }
  return unknown ?? needs === 'all';
}

function isEmpty(block: Block): boolean {
  return (
    block.name === '' &&
    block.selector === null &&
    block.namespaceSelector === null &&
    [
      block.kinds,
      block.names,
      block.namespaces,
      block.annotations,
      block.operations,
      block.subjects,
      block.roles,
      block.clusterRoles,
    ].every((list) => list.length === 0)
  );
}

function fitsBlock(block: Block, request: AdmissionRequest, context: MatchContext, use: Use): FilterAnswer {
  const metadata = mapAt(request.object ?? request.oldObject ?? {}, 'metadata') ?? {};
  const plain =
    fitsOne(block.operations, (operation) => operation === request.operation) &&
    fitsOne(block.kinds, (kind) => fitsKind(kind, request)) &&
    fitsNames(block, metadata) &&
    fitsOne(block.namespaces, (pattern) => globMatches(pattern, placeOf(request))) &&
    fitsAnnotations(block.annotations, mapAt(metadata, 'annotations') ?? {}) &&
    (block.selector === null || selectsPattern(block.selector, mapAt(metadata, 'labels') ?? {}));
  if (!plain) return false;
  const namespace = fitsNamespace(block.namespaceSelector, request, context, use);
  if (namespace === false) return false;
  const user = fitsUser(block, request, use);
  if (user === false) return false;
  return namespace === true ? user : namespace;
}

function fitsOne<T>(list: readonly T[], fits: (item: T) => boolean): boolean {
  return list.length === 0 || list.some(fits);
}

function fitsKind(pattern: KindPattern, { kind, subresource }: AdmissionRequest): boolean {
  if (!globMatches(pattern.group, kind.group) || !globMatches(pattern.version, kind.version)) return false;
  if (!globMatches(pattern.kind, kind.kind)) return false;
  // A rule on Pods is one on their ephemeral containers, too.
  const ephemeral = subresource === 'ephemeralcontainers' && kind.kind === 'Pod' && kind.group === '';
  return globMatches(pattern.subresource, subresource) || ephemeral;
}

function fitsNames({ name, names }: Block, metadata: JsonMap): boolean {
  const given = stringAt(metadata, 'name') || stringAt(metadata, 'generateName');
  return (name === '' || globMatches(name, given)) && fitsOne(names, (one) => globMatches(one, given));
}

/** A Namespace lies in itself. */
function placeOf(request: AdmissionRequest): string {
  const object = request.object ?? request.oldObject ?? {};
  if (request.kind.kind === 'Namespace') return stringAt(mapAt(object, 'metadata') ?? {}, 'name');
  return namespaceOf(request);
}

function namespaceOf({ object, oldObject, namespace, kind }: AdmissionRequest): string {
  if (kind.kind === 'Namespace') return '';
  return stringAt(mapAt(object ?? oldObject ?? {}, 'metadata') ?? {}, 'namespace') || namespace;
}

function fitsAnnotations(expected: Block['annotations'], actual: JsonMap): boolean {
  return expected.every(([key, value]) =>
    Object.entries(actual).some(
      ([k, v]) => typeof v === 'string' && globMatches(key, k) && globMatches(value, v),
    ),
  );
}

function selectsPattern({ labels, expressions }: PatternSelector, actual: JsonMap): boolean {
  return fitsLabels(labels, actual) && selects(expressions, actual);
}

function fitsLabels(labels: PatternSelector['labels'], actual: JsonMap): boolean {
  return labels.every(([key, value]) => {
    if (!hasWildcard(key) && !hasWildcard(value)) return own(actual, key) === value;
    return fitsAnnotations([[key, value]], actual);
  });
}

function hasWildcard(text: string): boolean {
  return text.includes('*') || text.includes('?');
}

/** Kyverno asks the namespace of what lies in none, too: it has no labels. */
function fitsNamespace(
  selector: PatternSelector | null,
  request: AdmissionRequest,
  context: MatchContext,
  use: Use = 'match',
): FilterAnswer {
  if (selector === null) return true;
  if (request.kind.kind === 'Namespace') return use === 'except';
  const name = namespaceOf(request);
  if (name === '') return selectsPattern(selector, {});
  const plain = selector.labels.every(([key, value]) => !hasWildcard(key) && !hasWildcard(value));
  if (plain) {
    const labels: Selector = selector.labels.map(([key, value]) => ({
      key,
      operator: 'In',
      values: [value],
    }));
    return selectsNamespace([...labels, ...selector.expressions], name, context.namespaceLabels);
  }
  const known = context.namespaceLabels(name);
  if (known.state === 'known') return selectsPattern(selector, known.labels);
  const why = known.state === 'partial' ? known.doubt : 'which does not exist';
  return { detail: `namespaceSelector asks for labels of namespace "${name}", ${why}` };
}

/**
 * Of somebody of whom nothing at all is known, Kyverno matches and does not exclude; here only an expectation of that
 * kind of nobody (a user without a name) is read so, and a request by nobody is undecided.
 */
function fitsUser(block: Block, { userInfo: user, rolesUnknown }: AdmissionRequest, use: Use): FilterAnswer {
  const { subjects, roles, clusterRoles } = block;
  if (subjects.length === 0 && roles.length === 0 && clusterRoles.length === 0) return true;
  if (user === undefined)
    return {
      reason: 'needs-user',
      detail: 'the rule asks who makes the request, and nobody is known to',
    };
  if (isNobody(user)) return use === 'match';
  if (!fitsOne(subjects, (subject) => isSubject(subject, user))) return false;
  if (rolesUnknown === true && roles.length + clusterRoles.length > 0)
    return {
      reason: 'needs-user',
      detail:
        'the rule asks for roles of whoever makes the request, and nobody has looked up which they have',
    };
  return (
    fitsOne(roles, (role) => user.roles?.includes(role) === true) &&
    fitsOne(clusterRoles, (role) => user.clusterRoles?.includes(role) === true)
  );
}

function isNobody({ username = '', groups = [], roles = [], clusterRoles = [] }: UserInfo): boolean {
  return username === '' && groups.length === 0 && roles.length === 0 && clusterRoles.length === 0;
}

function isSubject({ kind, name, namespace }: Subject, { username = '', groups = [] }: UserInfo): boolean {
  switch (kind) {
    case 'ServiceAccount':
      return globMatches(`system:serviceaccount:${namespace}:${name}`, username);
    case 'Group':
      return groups.some((group) => globMatches(name, group));
    case 'User':
      return globMatches(name, username);
    default:
      return false;
  }
}
