/** Where one thread's time goes: the steps of a scan one after the other, each over all files. */

import { compileSet, readCompileSetup } from '../src/app/compile.ts';
import { createContentReader } from '../src/app/content.ts';
import { NO_GATE } from '../src/app/options.ts';
import { scan } from '../src/app/scan.ts';
import { createEvaluator } from '../src/policy/index.ts';
import { pretty } from '../src/report/pretty.ts';
import { createDiscovery, createSchemas, readManifest, walk } from '../src/sources/index.ts';

export interface Shares {
  readonly reading: number;
  readonly yaml: number;
  readonly evaluation: number;
  readonly output: number;
}

/** Seconds by step. Each is measured in its second round: the first one warms the compiler up. */
export async function measureShares(folder: string): Promise<Shares> {
  await round(folder);
  return round(folder);
}

async function round(folder: string): Promise<Shares> {
  const { setup } = readCompileSetup({ policies: ['builtin'], cwd: folder, set: [], cache: undefined });
  const minor = setup.settings['kubernetes.version'];
  const context = { discovery: createDiscovery(minor), schemas: createSchemas(minor) };
  const evaluator = createEvaluator(compileSet(setup, undefined), context);
  const clock = stopwatch();
  const { files } = walk([folder], { cwd: folder });
  const read = createContentReader(1 << 26);
  const contents = files.map(({ path }) => {
    const content = read(path);
    return content.ok ? Buffer.from(content.bytes) : Buffer.alloc(0);
  });
  const reading = clock();
  const manifests = contents.map((bytes, index) => readManifest(bytes, { file: files[index]!.file }));
  const yaml = clock();
  for (const { resources } of manifests) for (const resource of resources) evaluator.scan(resource);
  const evaluation = clock();
  const { report, source } = await scan({
    paths: [folder],
    cwd: folder,
    stdinFilename: '-',
    exclude: [],
    policies: ['builtin'],
    select: ['set=all'],
    skip: [],
    set: [],
    defaults: true,
    namespace: 'default',
    context: [],
    complete: false,
    userinfo: undefined,
    answers: undefined,
    schemas: [],
    failOn: 'none',
    gate: NO_GATE,
    commits: false,
    all: false,
    strict: false,
    allowEmpty: false,
    fingerprints: false,
    rendering: {
      run: false,
      allowNetwork: false,
      repositories: [],
      environments: [],
      seconds: undefined,
      variables: {},
    },
    podPaths: [],
    jobs: 1,
    cache: undefined,
  });
  clock();
  let written = 0;
  const options = { color: false, width: 80, version: '0', quiet: false, all: false, source };
  for (const piece of pretty(report, options)) written += piece.length;
  if (written === 0) throw new Error('nothing was printed');
  return { reading, yaml, evaluation, output: clock() };
}

/** Seconds since the last call. */
function stopwatch(): () => number {
  let last = process.hrtime.bigint();
  return () => {
    const now = process.hrtime.bigint();
    const seconds = Number(now - last) / 1e9;
    last = now;
    return seconds;
  };
}
