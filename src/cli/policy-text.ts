/** A policy in words, for a terminal of 80 columns. */
import type { CatalogueEntry } from '../app/catalogue.ts';
import { wrapped } from '../report/page.ts';

const WIDTH = 80;

/** Title, and what is forbidden and allowed. */
export function heading(policy: CatalogueEntry): string[] {
  return [...wrapped(WIDTH, '', `${policy.id}: ${policy.title}`), ...paragraphs(policy.description)];
}

export function remedy({ remediation }: CatalogueEntry): string[] {
  return remediation === undefined ? [] : ['\nRemedy:\n', ...wrapped(WIDTH, '  ', remediation)];
}

export function section(title: string, items: readonly string[]): string[] {
  if (items.length === 0) return [];
  return [`\n${title}:\n`, ...items.flatMap((item) => [...wrapped(WIDTH, '  ', item)])];
}

function paragraphs(text: string | undefined): string[] {
  return text === undefined ? [] : ['\n', ...wrapped(WIDTH, '', text)];
}

/** What stands in columns: names of 13 characters, then values. */
export function facts(policy: CatalogueEntry): string[] {
  const { origin, tests } = policy;
  const commit = origin.commit === undefined ? '' : ` (commit ${origin.commit.slice(0, 12)})`;
  const all: (readonly [string, string | undefined])[] = [
    ['severity', policy.severity],
    ['kind', policy.kind],
    ['layer', policy.layer],
    ['owner', policy.owner],
    ['sets', policy.sets.join(', ')],
    ['frameworks', frameworksOf(policy).join('; ')],
    ['equivalents', policy.equivalents?.join(', ')],
    ['tests', tests === null ? undefined : `${tests.pass} in pass/, ${tests.fail} in fail/`],
    ['origin', `${origin.file}:${origin.line}${commit}`],
    ['stage', policy.stage ?? undefined],
    ['deprecated', deprecated(policy)],
    ['active', policy.active ? undefined : 'no: none of its validations applies under these settings'],
  ];
  return all
    .filter((fact): fact is readonly [string, string] => fact[1] !== undefined && fact[1] !== '')
    .flatMap(([name, value]) => [...wrapped(WIDTH, name.padEnd(13), value)]);
}

function deprecated({ deprecation }: CatalogueEntry): string | undefined {
  if (deprecation === undefined) return undefined;
  const { replacedBy, removal } = deprecation;
  return [
    replacedBy === undefined ? '' : `use ${replacedBy}`,
    removal === undefined ? 'yes' : `goes on ${removal}`,
  ]
    .filter((part) => part !== '')
    .join(', ');
}

function frameworksOf({ frameworks = {} }: CatalogueEntry): string[] {
  return Object.entries(frameworks).map(([name, ids]) => `${name}: ${ids.join(', ')}`);
}
