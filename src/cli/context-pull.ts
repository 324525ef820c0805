import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { UsageError } from '../app/usage.ts';
import { wrapped } from '../report/page.ts';
import { many, plain } from '../report/text.ts';
import { yamlDocuments } from '../report/yaml.ts';
import { type Arguments, command, type Flags } from './command.ts';
import { CATALOGUE_FLAGS, SELECTION_FLAGS } from './flags.ts';
import type { Io } from './io.ts';
import { usualRendering } from './render-flags.ts';

const flags = {
  cluster: {
    type: 'string',
    hint: 'CONTEXT',
    description: 'Context of the kubeconfig. Without this flag: the current one.',
  },
  output: {
    type: 'string',
    hint: 'FILE',
    description: 'The file to write. Without this flag: standard output.',
  },
  policies: CATALOGUE_FLAGS.policies,
  ...SELECTION_FLAGS,
  set: CATALOGUE_FLAGS.set,
} as const satisfies Flags;

export const contextPullCommand = command({
  name: 'context pull',
  summary: 'writes down what a scan of files cannot know of a cluster',
  description: [
    'Writes one file with the version of a cluster, its namespaces, the parameters and other objects that the policies ask ' +
      'for, the bindings of its policies, and its custom kinds, with schemas where policies look at them. rampart scan --context FILE then answers as the cluster would. ' +
      'Secrets are left out.',
    'Exit codes: 0 written; 2 a mistake in the call, or something that could not be read: then nothing is written.',
  ],
  flags,
  examples: [
    { line: 'rampart context pull --output cluster.yaml', says: 'of the current context' },
    { line: 'rampart scan deploy/ --context cluster.yaml', says: 'as that cluster would answer' },
  ],
  run,
});

const WIDTH = 80;
const HEADER = '# Written by rampart context pull; for rampart scan --context.\n';

async function run({ flags: given }: Arguments<typeof flags>, io: Io): Promise<number> {
  const { pullContext, whole } = await import('../app/cluster/pull.ts');
  const { plainOptions } = await import('../app/plain-options.ts');
  const options = plainOptions({
    paths: [],
    cwd: io.cwd,
    policies: given.policies.length === 0 ? ['builtin'] : given.policies,
    select: given.select,
    skip: given.skip,
    set: given.set,
    rendering: usualRendering(io),
    cache: io.cache,
  });
  const { documents, notices } = whole(await pullContext(options, given.cluster ?? ''));
  const text = HEADER + yamlDocuments(documents);
  if (given.output === undefined) io.out.write(text);
  else write(given.output, text, io);
  const said = [
    ...notices,
    ...(given.output === undefined ? [] : [`${given.output}: ${many(documents.length, 'document')}`]),
  ];
  for (const line of said.flatMap((one) => [...wrapped(WIDTH, '', plain(one))])) io.err.write(line);
  return 0;
}

function write(file: string, text: string, io: Io): void {
  try {
    writeFileSync(resolve(io.cwd, file), text);
  } catch (error) {
    throw new UsageError(`--output: cannot write ${file}: ${(error as NodeJS.ErrnoException).code ?? error}`);
  }
}
