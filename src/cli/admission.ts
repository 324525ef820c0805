import type { RunningWorker } from '../app/admission/worker.ts';
import { UsageError } from '../app/usage.ts';
import { type Arguments, command, type Flags } from './command.ts';
import type { Io } from './io.ts';
import { PRINT_RBAC_FLAG, printRole } from './print-rbac.ts';
import { logTo, untilAskedToEnd } from './service.ts';

export const WEBHOOK_FLAGS = {
  data: {
    type: 'string',
    hint: 'DIR',
    description: 'What is kept between runs: keys, certificates, the last good snapshot.',
    default: '.rampart',
  },
  host: {
    type: 'string',
    hint: 'ADDRESS',
    description: 'The address to listen on.',
    default: '127.0.0.1',
  },
  port: {
    type: 'string',
    hint: 'PORT',
    description: 'The port of the webhook; 0: one that is free.',
    default: '8443',
  },
  cluster: {
    type: 'string',
    hint: 'CONTEXT',
    optional: true,
    description:
      'Namespaces, parameters and what policies look up are those of this cluster: a context of the kubeconfig, without ' +
      'CONTEXT the current one, in a pod its own cluster.',
  },
  objects: {
    type: 'string',
    hint: 'PATH',
    multiple: true,
    description: 'Without a cluster: folders whose manifests stand for its objects.',
  },
} as const satisfies Flags;

const flags = {
  controller: {
    type: 'string',
    hint: 'URL',
    description: 'The controller, such as https://rampart.rampart.svc:8444.',
  },
  ...WEBHOOK_FLAGS,
  'reuse-port': {
    type: 'boolean',
    description: 'Other workers may listen on the same port, each by a socket of its own.',
  },
  'listen-fd': {
    type: 'string',
    hint: 'FD',
    description:
      'Listens on this inherited file descriptor in place of --host and --port: a socket that whoever starts the worker holds, ' +
      'such as rampart serve or a service manager, so that its queue outlives the worker.',
  },
  'print-rbac': PRINT_RBAC_FLAG,
} as const satisfies Flags;

export const admissionCommand = command({
  name: 'admission',
  summary: 'answers admission reviews by the snapshot of a controller',
  description: [
    'One admission worker: takes the snapshot in force from its controller, keeps it for a start without one, answers ' +
      '/validate and /mutate over TLS, and reports what it decided. rampart serve starts as many as it is told to.',
    'The folder of --data holds tls.crt and tls.key for the API server, client.crt and client.key for the controller, ca.crt ' +
      'and signing.pub. SIGTERM ends it when every request is answered.',
    'Exit codes: 0 asked to end; 2 a mistake; 3 it cannot go on.',
  ],
  flags,
  examples: [
    {
      line: 'rampart admission --controller https://rampart:8444 --data DIR --cluster',
      says: 'a worker in a cluster',
    },
    {
      line: 'rampart admission --print-rbac --cluster --data .rampart | kubectl apply -f -',
      says: 'the rights it needs there',
    },
  ],
  run,
});

async function run({ flags: given }: Arguments<typeof flags>, io: Io): Promise<number> {
  if (given['print-rbac']) {
    const { workerRole } = await import('../app/service-role.ts');
    const { cluster, data } = given;
    return printRole(await workerRole({ cluster, data, cwd: io.cwd, now: Date.now() }), io);
  }
  if (given.controller === undefined)
    throw new UsageError('admission needs --controller URL', 'rampart serve is a controller');
  const { openEnvironment } = await import('../app/environment/open.ts');
  const { ADMISSION } = await import('../app/admission/environment.ts');
  const { openDataFolder } = await import('../app/data-folder.ts');
  const { runWorker } = await import('../app/admission/worker.ts');
  const worker: RunningWorker = await runWorker({
    controller: given.controller,
    data: openDataFolder(given.data),
    host: given.host,
    port: portOf(given.port, '--port'),
    reusePort: given['reuse-port'],
    fd: descriptorOf(given['listen-fd']),
    environment: await openEnvironment(
      { cluster: given.cluster, folders: given.objects, cwd: io.cwd },
      ADMISSION,
    ),
    now: Date.now,
    log: logTo(io, 'admission'),
  });
  await Promise.race([untilAskedToEnd(), worker.succeeded]);
  await worker.drain();
  return 0;
}

/** The first three are the standard ones. */
function descriptorOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,5}$/.test(text) || Number(text) < 3)
    throw new UsageError(`--listen-fd: ${text} is no inherited descriptor`, 'the first that can be is 3');
  return Number(text);
}

export function portOf(text: string, flag: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535) throw new UsageError(`${flag}: ${text} is no port`);
  return port;
}
