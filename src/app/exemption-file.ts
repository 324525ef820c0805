/** A file of PolicyExemptions that others are added to: what stands in it stays as it is. */
import { existsSync, renameSync, writeFileSync } from 'node:fs';
import { yamlDocuments } from '../report/yaml.ts';
import { DEFAULT_LIMITS, readManifest } from '../sources/index.ts';
import { decodeText } from '../sources/manifests/text.ts';
import { createContentReader } from './content.ts';
import { type Draft, exemptionOf } from './import-plan.ts';
import { UsageError } from './usage.ts';

const HEADER = `# Findings that may stay as they are until a day: give this file to rampart scan by --policies. Begun by
# rampart exemptions import, which only ever adds to it; edit it as you like.
`;

/** The text of the file; undefined when there is none. What holds anything but exemptions is a UsageError. */
export function readExemptionFile(path: string, shown: string): string | undefined {
  if (!existsSync(path)) return undefined;
  const content = createContentReader(DEFAULT_LIMITS.fileBytes)(path);
  if (!content.ok) throw new UsageError(`--output: ${shown}: ${content.detail}`);
  const text = decodeText(content.bytes);
  if (text === undefined) throw new UsageError(`--output: ${shown}: it is no UTF-8 text`);
  const strange = strangeIn(text, shown);
  if (strange === undefined) return text;
  throw new UsageError(`--output: ${strange}`, 'nothing was written; name another file');
}

function strangeIn(text: string, shown: string): string | undefined {
  const { problems, notKubernetes, resources } = readManifest(text, { file: shown, named: true });
  const [problem] = problems;
  if (problem !== undefined)
    return `${shown}:${problem.origin.line}:${problem.origin.column}: ${problem.detail}`;
  const [other] = notKubernetes;
  if (other !== undefined) return `${shown}:${other.line}: no PolicyExemption: it ${other.detail}`;
  const stranger = resources.find(({ ref }) => ref.kind !== 'PolicyExemption');
  return stranger === undefined
    ? undefined
    : `${shown}:${stranger.origin.line}: holds a ${stranger.ref.kind}, and not only exemptions`;
}

/** Writes what there was and what is new. */
export function extendExemptionFile(
  path: string,
  shown: string,
  before: string | undefined,
  drafts: readonly Draft[],
): void {
  const text = extended(before, drafts);
  const count = (of: string) => readManifest(of, { file: shown, named: true }).resources.length;
  if (strangeIn(text, shown) !== undefined || count(text) !== count(before ?? '') + drafts.length)
    throw new UsageError(`--output: nothing can be added to ${shown} as it is written`, 'name another file');
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    writeFileSync(temporary, text);
    renameSync(temporary, path);
  } catch (error) {
    throw new UsageError(
      `--output: cannot write ${shown}: ${(error as NodeJS.ErrnoException).code ?? error}`,
    );
  }
}

function extended(before: string | undefined, drafts: readonly Draft[]): string {
  const added = yamlDocuments(drafts.map(exemptionOf));
  if (before === undefined || before.trim() === '') return `${HEADER}${added}`;
  return `${before}${before.endsWith('\n') ? '' : '\n'}---\n${added}`;
}
