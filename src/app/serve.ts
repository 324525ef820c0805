/** Everything at once: the controller, as many workers as wanted, the background scan, and what keeps their certificates and policies current. */
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { Log } from './admission/worker.ts';
import { type Children, startChildren } from './controller/children.ts';
import { BACKGROUND, type Controller, type Renewed, startController } from './controller/controller.ts';
import { writeWorkerFolder } from './controller/worker-folder.ts';
import type { DataFolder } from './data-folder.ts';
import { PACKAGE_FOLDER } from './package.ts';
import type { ServerNames } from './pki/certificates.ts';
import { openPki, type Pki } from './pki/pki.ts';
import type { Build } from './snapshot/build.ts';
import { signerIn } from './snapshot/note.ts';
import { UsageError } from './usage.ts';

export interface ServeOptions {
  readonly data: DataFolder;
  /** Admission workers to start; 0: others are started elsewhere. */
  readonly workers: number;
  /** Of the webhook. */
  readonly host: string;
  readonly port: number;
  /** Of the controller. */
  readonly controllerHost: string;
  readonly controllerPort: number;
  /** Host names under which the API server calls the webhook, beside those of this machine. */
  readonly names: readonly string[];
  /** Flags that tell workers what surrounds requests. */
  readonly environment: readonly string[];
  readonly build: () => Promise<Build>;
  /** Follows what the snapshot is made of; calls when it changed. @returns Ends it. */
  readonly follow: (changed: () => void) => Promise<() => Promise<void>>;
  readonly cwd: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly log: Log;
}

export interface Serving {
  readonly controller: Controller;
  /** Of the webhook. */
  readonly port: number;
  /** What became of the policies at the start. */
  readonly first: Renewed;
  /** When every worker has the snapshot in force; undefined where that takes longer. */
  ready(withinMs: number): Promise<boolean>;
  close(): Promise<void>;
}

/** Certificates are looked at this often; renewal is due weeks before they end. */
const RENEWAL_MS = 3_600_000;

export async function serve(options: ServeOptions): Promise<Serving> {
  const { data, now, log } = options;
  const signer = await signerIn(data);
  let pki = await certificates(options);
  const controller = await startController({
    data,
    signer,
    pki,
    host: options.controllerHost,
    port: options.controllerPort,
    build: options.build,
    cwd: options.cwd,
    now,
    log,
  });
  const port = options.port === 0 ? await freePort(options.host) : options.port;
  const workers = Array.from({ length: options.workers }, (_, i) => `worker-${i + 1}`);
  const provide = () =>
    Promise.all(
      [...workers, BACKGROUND].map((name) =>
        writeWorkerFolder(data, data.worker(name), name, pki, new Date(now())),
      ),
    );
  await provide();
  // Workers start while the snapshot is proved: they are ready as soon as it is there.
  const children = startChildren(
    [
      ...workers.map((name) => ({
        name,
        command: workerCommand(options, controller.url, data.worker(name), port),
      })),
      { name: BACKGROUND, command: backgroundCommand(options, controller.url) },
    ],
    log,
  );
  const first = await firstSnapshot(controller, children);
  const stopFollowing = await options.follow(
    () => void controller.renew().catch((error) => complain(error, log)),
  );
  const renewal = setInterval(async () => {
    try {
      pki = await certificates(options);
      if (pki.changes.length === 0) return;
      controller.setPki(pki);
      await provide();
    } catch (error) {
      complain(error, log);
    }
  }, RENEWAL_MS).unref();

  return {
    controller,
    port,
    first,
    ready: (withinMs) => allReady(controller, options.workers, withinMs),
    async close() {
      clearInterval(renewal);
      await stopFollowing();
      await children.stop();
      await controller.close();
    },
  };
}

function certificates({ data, names, now, log }: ServeOptions): Promise<Pki> {
  const server: ServerNames = {
    dns: ['localhost', 'rampart.rampart.svc', ...names.filter((name) => !isIp(name))],
    ips: ['127.0.0.1', '::1', ...names.filter(isIp)],
  };
  return openPki(data, { names: server, now: new Date(now()) }).then((pki) => {
    for (const change of pki.changes) log('certificates', { change });
    return pki;
  });
}

function isIp(name: string): boolean {
  return /^[\d.]+$/.test(name) || name.includes(':');
}

function workerCommand(
  { host, environment }: ServeOptions,
  controller: string,
  folder: string,
  port: number,
): readonly string[] {
  return [
    process.execPath,
    join(PACKAGE_FOLDER, 'bin', 'rampart.cjs'),
    'admission',
    ...['--controller', controller, '--data', folder, '--host', host, '--port', String(port), '--reuse-port'],
    ...environment,
  ];
}

function backgroundCommand({ data, environment }: ServeOptions, controller: string): readonly string[] {
  return [
    process.execPath,
    join(PACKAGE_FOLDER, 'bin', 'rampart.cjs'),
    'background',
    ...['--controller', controller, '--data', data.worker(BACKGROUND)],
    ...environment,
  ];
}

/** What is wrong with the policies ends the start only where nothing else is in force. */
async function firstSnapshot(controller: Controller, children: Children): Promise<Renewed> {
  try {
    const first = await controller.renew();
    if (first.kind !== 'refused' || controller.content() !== undefined) return first;
    throw new UsageError(`no snapshot: ${first.reasons.join('\n')}`);
  } catch (error) {
    await children.stop();
    await controller.close();
    throw error;
  }
}

async function allReady({ publisher }: Controller, workers: number, withinMs: number): Promise<boolean> {
  const epoch = publisher.current()?.epoch ?? 0;
  for (let waited = 0; waited <= withinMs; waited += 20) {
    if (publisher.workers().filter(({ inForce }) => inForce >= epoch).length >= workers) return true;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return false;
}

function complain(error: unknown, log: Log): void {
  log('not renewed', { detail: error instanceof Error ? error.message : String(error) });
}

function freePort(host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, host, () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
