/** Snapshots in words, for the commands about them. */
import type { Described } from '../app/snapshot/describe.ts';
import type { StageEntry } from '../model/index.ts';
import { wrapped } from '../report/page.ts';
import { many, plain } from '../report/text.ts';
import { describeProblem } from './policies-check.ts';

const WIDTH = 80;

/** `enforce in tiers low, 25 %`. */
export function stageWords(entries: readonly StageEntry[]): string {
  if (entries.length === 0) return 'audit';
  return entries
    .map(({ stage, scope = {} }) => {
      const { tiers, namespaces, percent } = scope;
      const where = [
        ...(tiers === undefined ? [] : [`tiers ${tiers.join(', ') || 'none'}`]),
        ...(namespaces === undefined ? [] : [`namespaces ${namespaces.map(plain).join(', ') || 'none'}`]),
        ...(percent === undefined ? [] : [`${percent} %`]),
      ];
      return where.length === 0 ? stage : `${stage} in ${where.join(', ')}`;
    })
    .join('; then ');
}

/** Three lines and more: what it is called, what is in it. */
export function* summaryLines(described: Described): Iterable<string> {
  const { digest, policies, stages, observed, exemptions, tiers, settings, documents } = described;
  yield `${digest}\n`;
  yield* wrapped(
    WIDTH,
    'policies    ',
    `${policies.length} (${stages.enforce} enforce, ${stages.warn} warn, ${stages.audit} audit)` +
      (observed.length === 0 ? '' : `, ${observed.length} only observed`),
  );
  yield* wrapped(WIDTH, 'exemptions  ', String(exemptions.length));
  const named = Object.entries(tiers.namespaces).map(([name, tier]) => `${plain(name)} ${tier}`);
  yield* wrapped(
    WIDTH,
    'tiers       ',
    [...named, `${named.length === 0 ? 'all' : 'all others'} ${tiers.default}`].join(', '),
  );
  const versions = Object.entries(settings).map(([name, value]) => `${name} ${value}`);
  yield* wrapped(WIDTH, 'settings    ', versions.join(', '));
  yield* wrapped(WIDTH, 'documents   ', String(documents));
}

/** Everything that is in it, policy by policy. */
export function* wholeText(described: Described, epoch: number | undefined): Iterable<string> {
  yield* summaryLines(described);
  if (epoch !== undefined) yield `epoch       ${epoch} (${new Date(epoch).toISOString()})\n`;
  const { policies, exemptions, observed, podPaths, problems } = described;
  if (podPaths.length > 0) yield* wrapped(WIDTH, 'pod paths   ', podPaths.map(plain).join(', '));
  if (policies.length > 0) yield '\n';
  const column = Math.min(40, Math.max(0, ...policies.map(({ id }) => plain(id).length)));
  for (const { id, severity, stages } of policies)
    yield* wrapped(WIDTH, `${plain(id).padEnd(column)}  ${severity.padEnd(8)}  `, stageWords(stages));
  if (exemptions.length > 0) yield '\nExempted:\n';
  for (const { namespace, name, policy, expires, reason } of exemptions)
    yield* wrapped(WIDTH, `  ${plain(namespace)}/${plain(name)}  `, `${policy} until ${expires}: ${reason}`);
  if (observed.length > 0) yield '\nOnly observed:\n';
  for (const id of observed) yield* wrapped(WIDTH, '  ', id);
  if (problems.length > 0)
    yield `\n${many(problems.length, 'policy', 'policies')} of it cannot be compiled by this version:\n`;
  for (const problem of problems) yield describeProblem('error', problem);
}
