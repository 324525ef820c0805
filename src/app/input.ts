/** What a scan reads: standard input, and the folders and files of every PATH. */
import { basename } from 'node:path';
import type { Problem } from '../model/index.ts';
import { DEFAULT_LIMITS, type FileEntry } from '../sources/index.ts';
import { CONFIG_NAME } from './config-file.ts';
import { readStandardInput } from './content.ts';
import type { ScanOptions } from './options.ts';
import { type Walked, walkSources } from './walk-sources.ts';

export interface Input {
  readonly files: readonly FileEntry[];
  /** Text of standard input, by the name it has in results. */
  readonly given: ReadonlyMap<string, Uint8Array>;
  readonly problems: readonly Problem[];
  /** To be said once. */
  readonly notices: readonly string[];
}

/** Standard input, if it is asked for, and what the others are before anything is rendered. */
export interface Listed extends Omit<Input, 'notices'> {
  readonly walked: Walked;
}

export function listFiles({ paths, cwd, exclude, stdinFilename }: ScanOptions): Listed {
  const walked = walkSources(
    paths.filter((path) => path !== '-'),
    { cwd, exclude },
  );
  const { problems } = walked;
  const nothing = { files: [], given: new Map<string, Uint8Array>(), problems, walked };
  if (!paths.includes('-')) return nothing;
  const content = readStandardInput(DEFAULT_LIMITS.fileBytes);
  const origin = { file: stdinFilename, line: 1, column: 1 };
  if (!content.ok) {
    const { reason, detail } = content;
    return { ...nothing, problems: [...problems, { reason, detail, origin }] };
  }
  const entry: FileEntry = { path: '-', file: stdinFilename, named: true };
  return { ...nothing, files: [entry], given: new Map([[stdinFilename, content.bytes]]) };
}

/** What lies in the scanned folders must not change the gate: only the configuration in force does. */
export function withoutConfig(
  standardInput: Omit<Input, 'notices'>,
  walked: readonly FileEntry[],
  config: string | undefined,
): Input {
  const files = walked.filter(({ path }) => path !== config);
  const others = files.filter(({ path }) => basename(path) === CONFIG_NAME);
  const force = config === undefined ? 'no configuration is' : 'another configuration is';
  return {
    ...standardInput,
    files: [...standardInput.files, ...files],
    notices: others.map(({ file }) => `${file} has no effect: ${force} in force.`),
  };
}
