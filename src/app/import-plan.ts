/** From findings and what other tools suppress to exemptions: only what is found now is exempted, by its exact name. */
import { createHash } from 'node:crypto';
import { exempts, isExpired, isOver } from '../decision/index.ts';
import type { Exemption, Origin, Reported } from '../model/index.ts';
import { many } from '../report/text.ts';
import { asks, isSuppression, type Suppression } from '../sources/index.ts';
import { compareText } from './order.ts';
import { type KeyedSuppression, matchesWhole } from './suppressions.ts';

export interface PlanInput {
  /** Violations and what is exempted already. */
  readonly results: readonly Reported[];
  readonly suppressions: readonly KeyedSuppression[];
  /** Of all policies there are, also those that were not evaluated, by id. */
  readonly equivalents: ReadonlyMap<string, Equivalents>;
  /** Ids of those that were. */
  readonly evaluated: ReadonlySet<string>;
  /** Those there are, ended or not. */
  readonly exemptions: readonly Exemption[];
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** How long what is imported counts at most. */
  readonly days: number;
}

/** Ids of other tools' checks that a policy stands for. */
export interface Equivalents {
  readonly all: readonly string[];
  /** Those of them that a validation is about, where each is about one or a few; by the validation's name. */
  readonly of: ReadonlyMap<string, readonly string[]>;
  /** Those that ask for a part only of what the policy, or that validation, asks. */
  readonly narrower: ReadonlySet<string>;
}

/** A PolicyExemption to be written. */
export interface Draft {
  readonly namespace: string;
  readonly policy: string;
  /** Empty: all. */
  readonly validations: readonly string[];
  readonly kind: string;
  readonly names: readonly string[];
  readonly reason: string;
  readonly created: string;
  readonly expires: string;
}

/** What became of a suppression that was not simply imported. */
export interface Note {
  readonly kind: NoteKind;
  readonly origin: Origin;
  readonly tool: string;
  /** As it is written there; empty for what could not be read. */
  readonly check: string;
  readonly detail: string;
}

const NOTE_KINDS = [
  'unreadable',
  'wide',
  'narrower',
  'not-renewed',
  'nameless',
  'expired',
  'unplaceable',
  'nothing',
  'not-selected',
  'unknown',
] as const;
export type NoteKind = (typeof NOTE_KINDS)[number];

export interface Plan {
  readonly drafts: readonly Draft[];
  /** How many findings they are about. */
  readonly findings: number;
  /** Suppressed findings that were exempted before. */
  readonly already: number;
  readonly notes: readonly Note[];
}

/** Where exemptions of cluster-scoped objects stand. */
const OWN_NAMESPACE = 'rampart';
const DAY_MS = 86_400_000;

export function planExemptions(input: PlanInput): Plan {
  const { drafts, findings, already, uses, notes } = cover(input);
  const about = [...input.suppressions].sort(byPlace).flatMap((one) => noteOn(one, uses.get(one.key), input));
  return {
    drafts: grouped(drafts).sort(byContent),
    findings,
    already,
    notes: [...notes, ...about].sort((a, b) => NOTE_KINDS.indexOf(a.kind) - NOTE_KINDS.indexOf(b.kind)),
  };
}

/** Findings of a suppression: newly exempted, and others that it covers. */
interface Use {
  imported: number;
  other: number;
}

interface Covered {
  /** One for each finding. */
  readonly drafts: readonly Draft[];
  readonly findings: number;
  readonly already: number;
  readonly uses: ReadonlyMap<string, Use>;
  readonly notes: readonly Note[];
}

function cover(input: PlanInput): Covered {
  const { results, suppressions, now } = input;
  const byKey = new Map(suppressions.map((one) => [one.key, one]));
  const uses = new Map<string, Use>();
  const drafts: Draft[] = [];
  const notes: Note[] = [];
  const excessive: Excessive[] = [];
  let already = 0;
  for (const result of results) {
    const live = (result.suppressedBy ?? [])
      .flatMap((key) => liveOn(result, byKey.get(key), input))
      .sort(byStrength(input));
    const [first] = live;
    if (first === undefined) continue;
    const draft = result.verdict === 'violation' ? draftOf(result, first.said, input) : undefined;
    const ended = input.exemptions.find((one) => isExpired(one, now) && exempts(one, result));
    const isNew = draft !== undefined && ended === undefined;
    for (const { key } of live) {
      const use = uses.get(key) ?? { imported: 0, other: 0 };
      use[isNew ? 'imported' : 'other']++;
      uses.set(key, use);
    }
    if (result.verdict === 'exempted') already++;
    else if (draft === undefined) notes.push(namelessNote(first, result));
    else if (ended !== undefined) notes.push(endedNote(first, result, ended));
    else {
      drafts.push(draft);
      if (!live.some(({ said }) => isAsWide(said, result, input))) excessive.push({ first, draft });
    }
  }
  return { drafts, findings: drafts.length, already, uses, notes: [...notes, ...narrowerNotes(excessive)] };
}

/** Whether what was skipped is all that the finding's policy asks: not for a check that asks for a part of it. */
function isAsWide(said: Suppression, { policy, validation }: Reported, { equivalents }: PlanInput): boolean {
  if (said.form !== 'id') return true;
  const known = equivalents.get(policy ?? '');
  const whole = equivalentsFor(known, validation).filter((id) => known?.narrower.has(id) !== true);
  return asks(said, whole, matchesWhole);
}

interface Excessive {
  readonly first: Live;
  readonly draft: Draft;
}

/** One for each suppression and what it excuses more of. */
function narrowerNotes(all: readonly Excessive[]): Note[] {
  const subject = ({ policy, validations }: Draft) => [policy, ...validations].join('#');
  const groups = Map.groupBy(all, ({ first, draft }) => JSON.stringify([first.key, subject(draft)]));
  return [...groups.values()].map((group) => {
    const { first, draft } = group[0]!;
    const detail = `${subject(draft)}, ${many(group.length, 'finding')}`;
    return { kind: 'narrower', origin: first.origin, tool: first.said.tool, check: first.said.check, detail };
  });
}

type Live = KeyedSuppression & { readonly said: Suppression };

/** Itself, if it counts today and is about the policy of a finding. */
function liveOn(
  { policy, validation }: Reported,
  suppression: KeyedSuppression | undefined,
  { equivalents, now }: PlanInput,
): Live[] {
  if (suppression === undefined || !isSuppression(suppression.said)) return [];
  const { said } = suppression;
  if (said.until !== undefined && isOver(said.until, now)) return [];
  const ids = equivalentsFor(equivalents.get(policy ?? ''), validation);
  return asks(said, ids, matchesWhole) ? [{ ...suppression, said }] : [];
}

/** A check that asks one validation says nothing of the others. */
function equivalentsFor(
  equivalents: Equivalents | undefined,
  validation: string | undefined,
): readonly string[] {
  if (equivalents === undefined) return [];
  const claimed = new Set([...equivalents.of.values()].flat());
  const shared = equivalents.all.filter((id) => !claimed.has(id));
  return [...shared, ...(equivalents.of.get(validation ?? '') ?? [])];
}

/** What counts longest comes first; of the same end, what stands first. */
function byStrength(input: PlanInput): (a: Live, b: Live) => number {
  return (a, b) => -compareText(expiryOf(a.said, input), expiryOf(b.said, input)) || byPlace(a, b);
}

function expiryOf({ until }: Suppression, { now, days }: PlanInput): string {
  const latest = dayOf(now + days * DAY_MS);
  return until === undefined || until > latest ? latest : until;
}

function dayOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}

/** Undefined for an object that no exemption can name. */
function draftOf(
  { resource, policy, validation }: Reported,
  said: Suppression,
  input: PlanInput,
): Draft | undefined {
  if (resource === null || policy === null || !isNameable(resource.name)) return undefined;
  return {
    namespace: resource.namespace === '' ? OWN_NAMESPACE : resource.namespace,
    policy,
    validations: validation === undefined ? [] : [validation],
    kind: resource.kind,
    names: [resource.name],
    reason: `imported from ${said.tool}: ${oneLine(said.comment) || 'no comment'}`,
    created: dayOf(input.now),
    expires: expiryOf(said, input),
  };
}

/** A name, or what `generateName` begins: a star anywhere else is nothing that Kubernetes has. */
function isNameable(name: string): boolean {
  return /^[^*]+\*?$/.test(name);
}

const LONGEST_COMMENT = 200;

/** Comments are anybody's: no line ends, nothing that does not show, not endless. */
function oneLine(text: string): string {
  const visible = text.replace(/[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}]+/gu, ' ').trim();
  const characters = [...visible];
  return characters.length <= LONGEST_COMMENT
    ? visible
    : `${characters
        .slice(0, LONGEST_COMMENT - 1)
        .join('')
        .trimEnd()}…`;
}

/** One object for what differs in names alone. */
function grouped(drafts: readonly Draft[]): Draft[] {
  const objects = merged(drafts, ({ validations: _, ...rest }) => rest, 'validations');
  return merged(objects, ({ names: _, ...rest }) => rest, 'names');
}

function merged(
  drafts: readonly Draft[],
  common: (draft: Draft) => unknown,
  list: 'names' | 'validations',
): Draft[] {
  const groups = Map.groupBy(drafts, (draft) => JSON.stringify(common(draft)));
  return [...groups.values()].map((group) => {
    // A finding without a validation is one of the whole policy.
    const whole = group.some((draft) => draft[list].length === 0);
    const values = whole ? [] : [...new Set(group.flatMap((draft) => draft[list]))].sort(compareText);
    return { ...group[0]!, [list]: values };
  });
}

function byContent(a: Draft, b: Draft): number {
  return (
    compareText(a.namespace, b.namespace) ||
    compareText(a.kind, b.kind) ||
    compareText(a.names[0]!, b.names[0]!) ||
    compareText(a.policy, b.policy) ||
    compareText(JSON.stringify(a), JSON.stringify(b))
  );
}

function byPlace(a: KeyedSuppression, b: KeyedSuppression): number {
  return (
    compareText(a.origin.file, b.origin.file) ||
    a.origin.line - b.origin.line ||
    a.origin.column - b.origin.column ||
    compareText(a.key, b.key)
  );
}

function noteOn({ origin, said }: KeyedSuppression, use: Use | undefined, input: PlanInput): Note[] {
  const { tool } = said;
  const note = (kind: NoteKind, check: string, detail: string): Note[] => [
    { kind, origin, tool, check, detail },
  ];
  if ('fault' in said) return note('unreadable', '', said.fault);
  if ('unplaceable' in said) return note('unplaceable', said.check, said.unplaceable);
  const { check, form, until } = said;
  if (until !== undefined && isOver(until, input.now))
    return note('expired', check, `counted until ${until}`);
  const isWide = form !== 'id';
  if (use !== undefined) return isWide && use.imported > 0 ? note('wide', check, `${use.imported}`) : [];
  const meant = [...input.equivalents]
    .filter(([, { all }]) => asks(said, all, matchesWhole))
    .map(([id]) => id);
  if (meant.length === 0) return note('unknown', check, '');
  if (meant.some((id) => input.evaluated.has(id))) return note('nothing', check, '');
  return note('not-selected', check, meant.sort(compareText).join(', '));
}

function namelessNote({ origin, said }: Live, { resource, policy }: Reported): Note {
  const detail = `${policy} on ${resource === null ? 'what is no object' : `a ${resource.kind} without a name`}`;
  return { kind: 'nameless', origin, tool: said.tool, check: said.check, detail };
}

function endedNote(
  { origin, said }: Live,
  { resource, policy }: Reported,
  { name, expires }: Exemption,
): Note {
  const detail = `${policy} on ${resource?.kind} ${resource?.name}: ${name} ended on ${expires}`;
  return { kind: 'not-renewed', origin, tool: said.tool, check: said.check, detail };
}

/** As it is written to a file. */
export function exemptionOf(draft: Draft): object {
  const { namespace, policy, validations, kind, names, reason, created, expires } = draft;
  return {
    apiVersion: 'rampart.dev/v1',
    kind: 'PolicyExemption',
    metadata: { name: nameOf(draft), namespace },
    spec: {
      policy,
      ...(validations.length === 0 ? {} : { validations }),
      match: { kinds: [kind], names },
      reason,
      created,
      expires,
    },
  };
}

/** The same for the same content, and another for any other. */
function nameOf({ created: _, ...content }: Draft): string {
  const digest = createHash('sha256').update(JSON.stringify(content)).digest('hex').slice(0, 8);
  const words = `${content.policy}-${content.kind}`.toLowerCase().replace(/[^a-z0-9-]+/g, '-');
  return `${words.replace(/^-+/, '').slice(0, 200)}-${digest}`;
}
