import { relative, resolve } from 'node:path';
import type { Controller } from '../app/controller/controller.ts';
import type { FollowedSources } from '../app/follow/sources.ts';
import { UsageError } from '../app/usage.ts';
import { many, plain } from '../report/text.ts';
import { portOf, WEBHOOK_FLAGS } from './admission.ts';
import { REPORTS_FLAG } from './background.ts';
import { type Arguments, command, type Flags } from './command.ts';
import { configured } from './configured.ts';
import { findingsTable } from './findings-table.ts';
import type { Io } from './io.ts';
import { printRole } from './print-rbac.ts';
import { logTo, untilAskedToEnd } from './service.ts';
import { SNAPSHOT_FLAGS, snapshotOptions } from './snapshot-options.ts';

const flags = {
  ...SNAPSHOT_FLAGS,
  ...WEBHOOK_FLAGS,
  reports: REPORTS_FLAG,
  workers: {
    type: 'string',
    hint: 'N',
    description: 'Admission workers to start on this machine; 0: they are started elsewhere.',
    default: '1',
  },
  'controller-host': {
    type: 'string',
    hint: 'ADDRESS',
    description: 'The address on which the controller listens for workers.',
    default: '127.0.0.1',
  },
  'controller-port': {
    type: 'string',
    hint: 'PORT',
    description: 'The port on which the controller listens for workers; 0: one that is free.',
    default: '0',
  },
  'push-port': {
    type: 'string',
    hint: 'PORT',
    description:
      'The port on which a forge may say by POST /push that a ref was pushed to, where follow.webhookSecretFile in rampart.yaml ' +
      'names the secret.',
    default: '8445',
  },
  accept: {
    type: 'string',
    hint: 'COMMIT',
    description:
      'Accepts this commit, once, although its ref did not move there by fast-forward from what is in force; every other rule ' +
      'holds for it. The id in full, as the refusal says it.',
  },
  name: {
    type: 'string',
    hint: 'NAME',
    multiple: true,
    description:
      'Host name or address under which the API server reaches the webhook, beside those of this machine.',
  },
  'print-rbac': {
    type: 'boolean',
    description:
      'Instead of starting, print the ClusterRole that all this needs in the cluster by the policies of rampart.yaml and of the ' +
      'cluster; with --workers 0 without what workers need.',
  },
} as const satisfies Flags;

export const serveCommand = command({
  name: 'serve',
  summary: 'runs controller, workers and background scan',
  description: [
    'Freezes the policies, stages, tiers and exemptions of rampart.yaml into a snapshot, proves it, signs it, and answers the ' +
      "API server's admission reviews by it. What changes in the policies becomes the next snapshot; a bad one is refused and " +
      'the one before stays. Everything that is kept lies in the folder of --data.',
    'Findings and counts live in memory: they begin anew with every start. A policy without a stage in rampart.yaml audits. ' +
      'rampart webhook manifest prints what makes the API server ask.',
    'Exit codes: 0 asked to end; 2 a mistake; 3 it cannot go on.',
  ],
  flags,
  examples: [
    {
      line: 'rampart serve --objects deploy/',
      says: 'without a cluster: manifests stand for its objects',
    },
    {
      line: 'rampart serve --cluster --workers 2 --host 0.0.0.0',
      says: 'beside the API server of the current context',
    },
    {
      line: 'rampart serve --cluster --print-rbac | kubectl apply -f -',
      says: 'the rights that this needs there',
    },
  ],
  run,
});

const READY_MS = 30_000;

async function run(args: Arguments<typeof flags>, io: Io): Promise<number> {
  const { flags: given } = args;
  const { serve } = await import('../app/serve.ts');
  const { openDataFolder } = await import('../app/data-folder.ts');
  const { createBuilder } = await import('../app/snapshot/builder.ts');
  const log = logTo(io, 'controller');
  const { writeReview } = await import('../app/admission/try.ts');
  const { readPushSecret } = await import('../app/follow/push/secret.ts');
  if (given.reports && given.cluster === undefined)
    throw new UsageError('--reports needs --cluster', 'reports are objects of a cluster');
  const workers = countOf(given.workers);
  if (given['print-rbac']) return await printRbac(args, workers > 0, io);
  const data = openDataFolder(given.data);
  // Configuration and policies are read again for each snapshot.
  const builder = createBuilder();
  const build = async () =>
    builder({
      ...snapshotOptions(await configured(serveCommand, args, io), io),
      watchesCluster: given.cluster !== undefined,
    });
  const { lockPlaces } = await import('../app/lock.ts');
  const { config } = args;
  const folder = config?.location?.folder ?? io.cwd;
  const secretFile = sourcesIn(args).follow.webhookSecretFile;
  const serving = await serve({
    data,
    workers,
    host: given.host,
    port: portOf(given.port, '--port'),
    controllerHost: given['controller-host'],
    controllerPort: portOf(given['controller-port'], '--controller-port'),
    names: given.name,
    environment: environmentFlags(given),
    reports: given.reports,
    cluster: given.cluster,
    build,
    sources: async () => sourcesIn(await configured(serveCommand, args, io)),
    accept: commitOf(given.accept),
    config: config?.location?.path,
    locks: lockPlaces(folder).map((place) => resolve(folder, place)),
    push:
      secretFile === undefined
        ? undefined
        : { secret: readPushSecret(secretFile), port: portOf(given['push-port'], '--push-port') },
    cwd: io.cwd,
    now: Date.now,
    log,
  });
  const asked = untilAskedToEnd();
  if (!(await serving.ready(READY_MS))) log('not every worker is ready', { within: `${READY_MS} ms` });
  const lines = welcome({
    policies: serving.controller.content()?.policies.length ?? 0,
    port: serving.port,
    ca: shown(data.caCert, io),
    review: given.cluster === undefined ? shown(await writeReview(data), io) : undefined,
  });
  for (const line of lines) io.out.write(`${plain(line)}\n`);
  if (given.cluster === undefined)
    await Promise.race([asked, serving.controller.scanned.then(() => tellFindings(serving.controller, io))]);
  await asked;
  await serving.close();
  return 0;
}

async function printRbac(args: Arguments<typeof flags>, workers: boolean, io: Io): Promise<number> {
  const { serveRole } = await import('../app/service-role.ts');
  const { builtSnapshot } = await import('../app/snapshot/find.ts');
  const { cluster, reports } = args.flags;
  const build = () => builtSnapshot({ ...snapshotOptions(args, io), watchesCluster: true });
  return printRole(await serveRole({ cluster, build, workers, reports, now: Date.now() }), io);
}

function sourcesIn({ flags: given, config }: Arguments<typeof flags>): FollowedSources {
  const policies = given.policies.length === 0 ? ['builtin'] : given.policies;
  return { policies, follow: config?.values(config.base).follow ?? {} };
}

/** What the objects of files are found to violate, when all of them were looked at once. */
function tellFindings({ findings }: Controller, io: Io): void {
  const open = findings.list({ state: 'open', once: true });
  const lines = findingsTable(open, findings.totals().objects);
  for (const line of lines) io.out.write(`${plain(line)}\n`);
}

interface Welcome {
  readonly policies: number;
  readonly port: number;
  readonly ca: string;
  /** Undefined where an API server asks. */
  readonly review: string | undefined;
}

function welcome({ policies, port, ca, review }: Welcome): string[] {
  const url = `https://127.0.0.1:${port}`;
  const first = `${many(policies, 'policy', 'policies')} in force; reviews are answered at ${url}/validate`;
  if (review === undefined) return [first];
  return [
    first,
    'Ask about a privileged pod:',
    `  curl --cacert ${ca} -H 'content-type: application/json' \\`,
    `    --data @${review} ${url}/validate`,
  ];
}

/** Relative to the working directory where it lies below. */
function shown(path: string, { cwd }: Io): string {
  const inside = relative(cwd, path);
  return inside.startsWith('..') ? path : inside;
}

function commitOf(text: string | undefined): string | undefined {
  if (text === undefined || /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(text)) return text;
  throw new UsageError(`--accept: ${text} is no id of a commit`, 'the id in full, 40 or 64 hex digits');
}

function countOf(text: string): number {
  if (/^\d{1,3}$/.test(text)) return Number(text);
  throw new UsageError(`--workers expects a number up to 999, got ${text}`);
}

function environmentFlags({
  cluster,
  objects,
}: {
  readonly cluster: string | undefined;
  readonly objects: readonly string[];
}): string[] {
  const folders = objects.flatMap((path) => ['--objects', path]);
  if (cluster === undefined) return folders;
  return [cluster === '' ? '--cluster' : `--cluster=${cluster}`, ...folders];
}
