import { UsageError } from '../app/usage.ts';
import { WEBHOOK_FLAGS } from './admission.ts';
import { type Arguments, command, type Flags } from './command.ts';
import type { Io } from './io.ts';
import { PRINT_RBAC_FLAG, printRole } from './print-rbac.ts';
import { logTo, untilAskedToEnd } from './service.ts';

const { data, cluster, objects } = WEBHOOK_FLAGS;

export const REPORTS_FLAG = {
  type: 'boolean',
  description:
    'Keep one Report a namespace (openreports.io, or wgpolicyk8s.io PolicyReport) in the cluster at what is found.',
} as const;

const flags = {
  controller: {
    type: 'string',
    hint: 'URL',
    description: 'The controller, such as https://rampart.rampart.svc:8444.',
  },
  data,
  cluster: {
    ...cluster,
    description: 'What is looked at: a context of the kubeconfig, without CONTEXT the current one.',
  },
  objects,
  reports: REPORTS_FLAG,
  'print-rbac': PRINT_RBAC_FLAG,
} as const satisfies Flags;

export const backgroundCommand = command({
  name: 'background',
  summary: 'looks at what exists by the snapshot of a controller',
  description: [
    'The background scan: watches the objects of a cluster, or of folders, and says what the policies in force find: of each ' +
      'object that changes, of all when the policies do. It denies and changes nothing. rampart serve starts one.',
    'The folder of --data holds client.crt and client.key for the controller, tls.crt and tls.key, ca.crt and signing.pub, as ' +
      'that of an admission worker.',
    'Exit codes: 0 asked to end; 2 a mistake; 3 it cannot go on.',
  ],
  flags,
  examples: [
    {
      line: 'rampart background --controller https://rampart:8444 --data DIR --cluster',
      says: 'beside the workers of a cluster',
    },
  ],
  run,
});

async function run({ flags: given }: Arguments<typeof flags>, io: Io): Promise<number> {
  if (given.reports && given.cluster === undefined)
    throw new UsageError('--reports needs --cluster', 'reports are objects of a cluster');
  if (given['print-rbac']) {
    const { backgroundRole } = await import('../app/service-role.ts');
    const { cluster, data, reports } = given;
    return printRole(await backgroundRole({ cluster, data, cwd: io.cwd, now: Date.now() }, reports), io);
  }
  if (given.controller === undefined)
    throw new UsageError('background needs --controller URL', 'rampart serve is a controller');
  const { openEnvironment } = await import('../app/environment/open.ts');
  const { BACKGROUND } = await import('../app/background/environment.ts');
  const { openDataFolder } = await import('../app/data-folder.ts');
  const { runBackground } = await import('../app/background/run.ts');
  const running = await runBackground({
    controller: given.controller,
    data: openDataFolder(given.data),
    environment: await openEnvironment(
      { cluster: given.cluster, folders: given.objects, cwd: io.cwd },
      BACKGROUND,
    ),
    reports: given.reports,
    now: Date.now,
    log: logTo(io, 'background'),
  });
  await Promise.race([untilAskedToEnd(), running.succeeded]);
  await running.end();
  return 0;
}
