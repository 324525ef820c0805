/** Compares what peers say with what the library says, object by object, and puts it into figures. */
import type { Case } from './cases.ts';
import type { Reported } from './ours.ts';

/** A check of a peer, and whom the library names as asking the same. */
export interface Claim {
  readonly check: string;
  /** `policy` or `policy#validation`; together they stand for the check. */
  readonly by: readonly string[];
}

/**
 * Objects by who reports them; each by its case, and its number there where a case has several. A check about what objects
 * are together counts once for a case.
 */
export interface Agreement extends Claim {
  readonly both: readonly string[];
  readonly ours: readonly string[];
  readonly theirs: readonly string[];
  /** Of all objects. */
  readonly asked: number;
}

/** Controls of Kubescape about a subject with its binding and its role: they name neither of the two alone. */
const ABOUT_RELATIONS: ReadonlySet<string> = new Set([
  'C-0002',
  'C-0015',
  'C-0031',
  'C-0065',
  'C-0185',
  'C-0265',
]);

export function compare(
  claim: Claim,
  cases: readonly Case[],
  ours: readonly (readonly Reported[])[],
  theirs: readonly (readonly Reported[])[],
): Agreement {
  const found = { both: [] as string[], ours: [] as string[], theirs: [] as string[], asked: 0 };
  const count = (object: string, weReport: boolean, theyReport: boolean) => {
    if (weReport && theyReport) found.both.push(object);
    else if (weReport) found.ours.push(object);
    else if (theyReport) found.theirs.push(object);
    found.asked++;
  };
  for (const [index, { name, objects }] of cases.entries()) {
    const verdicts = objects.map((_, at) => ({
      weReport: claim.by.some((one) => ours[index]?.[at]?.has(one)),
      theyReport: theirs[index]?.[at]?.has(claim.check) ?? false,
    }));
    if (ABOUT_RELATIONS.has(claim.check))
      count(
        name,
        verdicts.some(({ weReport }) => weReport),
        verdicts.some(({ theyReport }) => theyReport),
      );
    else
      for (const [at, { weReport, theyReport }] of verdicts.entries())
        count(objects.length === 1 ? name : `${name}/${at}`, weReport, theyReport);
  }
  return { ...claim, ...found };
}

/** Figures of one peer. */
export interface Figures {
  readonly checks: number;
  /** Checks that agree on every object. */
  readonly equal: number;
  /** Verdicts that were compared: checks times objects. */
  readonly verdicts: number;
  readonly differing: number;
  /** Verdicts in which both report, of those in which either does. */
  readonly both: number;
  readonly either: number;
}

export function figuresOf(agreements: readonly Agreement[]): Figures {
  const sum = (of: (one: Agreement) => number) => agreements.reduce((total, one) => total + of(one), 0);
  const differing = sum(({ ours, theirs }) => ours.length + theirs.length);
  const both = sum((one) => one.both.length);
  return {
    checks: agreements.length,
    equal: agreements.filter(({ ours, theirs }) => ours.length + theirs.length === 0).length,
    verdicts: sum(({ asked }) => asked),
    differing,
    both,
    either: both + differing,
  };
}

export function textOf(peer: string, { checks, equal, verdicts, differing, both, either }: Figures): string {
  const percent = (part: number, whole: number) => `${((100 * part) / whole).toFixed(1)} %`;
  return [
    `${peer}: ${checks} checks, ${equal} of them with our verdict on every object;`,
    `${percent(verdicts - differing, verdicts)} of ${verdicts} verdicts equal;`,
    `of ${either} objects that either reports, ${percent(both, either)} are reported by both`,
  ].join(' ');
}
