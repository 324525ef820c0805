/** Everything at once: the controller, as many workers as wanted, the background scan, and what keeps their certificates and policies current. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type HeldPort, holdPort, type PushServer, startPushServer } from '../server/index.ts';
import { connect } from '../sources/index.ts';
import { ownerOf } from './admission/succession.ts';
import type { Log } from './admission/worker.ts';
import { type Children, INHERITED, startChildren } from './controller/children.ts';
import { type Controller, startController } from './controller/controller.ts';
import { BACKGROUND } from './controller/names.ts';
import { type WatchedPolicies, watchPolicies } from './controller/watched-policies.ts';
import { endOtherWorkers, hasWorkers, writeWorkerFolder } from './controller/worker-folder.ts';
import { type DataFolder, dataFolder, writeDurably } from './data-folder.ts';
import type { Rebuild } from './follow/policies.ts';
import { PUSH_BYTES, receivePush } from './follow/push/receive.ts';
import {
  type FollowSourcesOptions,
  followSources,
  refusalOf,
  type SourceFollower,
} from './follow/sources.ts';
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
  /** Whether the background scan writes reports into the cluster. */
  readonly reports: boolean;
  /** Context of the cluster whose policies are watched; undefined: there is none. */
  readonly cluster: string | undefined;
  readonly build: () => Promise<Build>;
  /** What policies are made of, as the configuration names it now. */
  readonly sources: FollowSourcesOptions['sources'];
  /** The id of a commit that a person accepts, wherever a ref is at it that did not move there from what is in force. */
  readonly accept: string | undefined;
  /** Path of rampart.yaml; undefined: there is none. */
  readonly config: string | undefined;
  /** Paths where a rampart.lock counts, if there is one. */
  readonly locks: readonly string[];
  /** Where a forge says that a ref has moved; undefined: refs are only looked at now and then. */
  readonly push: { readonly port: number; readonly secret: string } | undefined;
  readonly cwd: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly log: Log;
}

export interface Serving {
  readonly controller: Controller;
  /** Of the webhook. */
  readonly port: number;
  /** When every worker listens, by the snapshot in force; false: that takes longer. */
  ready(withinMs: number): Promise<boolean>;
  close(): Promise<void>;
}

/** Without any worker for so long nobody is kept waiting for the next. */
const LONG_WAIT_MS = 2_000;
/** Certificates are looked at this often; renewal is due weeks before they end. */
const RENEWAL_MS = 3_600_000;

export async function serve(options: ServeOptions): Promise<Serving> {
  const { data, now, log } = options;
  const signer = await signerIn(data);
  let pki = await certificates(options);
  const held = options.workers === 0 ? undefined : await hold(options);
  const policies = await watchedPolicies(options);
  const controller = await startController({
    ...(policies === undefined ? {} : { watched: policies }),
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
  await writeDurably(data.controller, `${controller.url}\n`);
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
        command: workerCommand(options, controller.url, data.worker(name)),
        ...(held && { inherits: held.fd, onEnd: (wait: number) => letNobodyWait(held, wait) }),
      })),
      { name: BACKGROUND, command: backgroundCommand(options, controller.url) },
    ],
    log,
  );
  /** Where workers keep ending, a refusal at once is better than one after a long wait. */
  function letNobodyWait(held: HeldPort, wait: number): void {
    if (wait < LONG_WAIT_MS || workers.some((name) => children.pid(name) !== undefined)) return;
    held.renew();
    log('nobody listens', { port: held.port, again: `in ${wait} ms` });
  }
  const follower = await follow(options, controller, children);
  const push = await startPush(options, pki, follower);
  policies?.onChange(() => void controller.renew().catch((error) => complain(error, log)));
  const renewal = setInterval(async () => {
    try {
      pki = await certificates(options);
      if (pki.changes.length === 0) return;
      controller.setPki(pki);
      push?.setCertificate(pki.server);
      await provide();
    } catch (error) {
      complain(error, log);
    }
  }, RENEWAL_MS).unref();

  const closing = new AbortController();
  const there = untilAllListen({ data, workers, children, controller, signal: closing.signal });
  void endOthers(there, { data, workers, log }).catch((error) => complain(error, log));

  return {
    controller,
    port: held?.port ?? options.port,
    ready: (withinMs) => Promise.race([there, sleep(withinMs, false, { ref: false })]),
    async close() {
      closing.abort();
      clearInterval(renewal);
      await push?.close();
      await follower.close();
      await policies?.close();
      // The worker that ends last takes what is queued, and ends the queue with itself.
      held?.close();
      await children.stop();
      await controller.close();
    },
  };
}

/** The webhook's port: workers come and go, and what asks there waits for the next. */
async function hold({ data, host, port }: ServeOptions): Promise<HeldPort> {
  try {
    return await holdPort({ host, port, succeeding: hasWorkers(data) });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === 'EADDRINUSE' ? 'somebody else listens there' : (code ?? String(error));
    throw new UsageError(`--port: cannot listen on ${port} of ${host}: ${why}`);
  }
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

/**
 * What a request leaves behind is dead when it is answered. V8 would let it grow to 48 MB before it looks, and keep those; with
 * half of that it decides as many requests a second, with an eighth a tenth fewer (`npm run bench:admission`).
 */
const MEMORY = ['--max-semi-space-size=8', '--heap-growing-percent=30'];

function workerCommand({ environment }: ServeOptions, controller: string, folder: string): readonly string[] {
  return [
    process.execPath,
    ...MEMORY,
    join(PACKAGE_FOLDER, 'bin', 'rampart.cjs'),
    'admission',
    ...['--controller', controller, '--data', folder, '--listen-fd', String(INHERITED)],
    ...environment,
  ];
}

function backgroundCommand(
  { data, environment, reports }: ServeOptions,
  controller: string,
): readonly string[] {
  return [
    process.execPath,
    join(PACKAGE_FOLDER, 'bin', 'rampart.cjs'),
    'background',
    ...['--controller', controller, '--data', data.worker(BACKGROUND)],
    ...environment,
    ...(reports ? ['--reports'] : []),
  ];
}

/** What is wrong with the policies ends the start only where nothing else is in force. */
async function follow(
  { sources, accept, config, locks, cwd, data, now, log }: ServeOptions,
  controller: Controller,
  children: Children,
): Promise<SourceFollower> {
  const reasons: string[] = [];
  const rebuild: Rebuild = async () => {
    const renewed = await controller.renew();
    if (renewed.kind !== 'refused') return { accepted: true };
    reasons.push(...renewed.reasons);
    return { accepted: false, reason: renewed.reasons.join('; ') };
  };
  try {
    const follower = await followSources({
      sources,
      accept,
      config,
      locks,
      cwd,
      dataFolder: data.path,
      now,
      rebuild,
      onRefused: controller.setRefusedCommits,
      log,
    });
    if (controller.content() !== undefined) return follower;
    const state = follower.state();
    const problems = state.flatMap(({ problem }) => problem ?? []);
    const refused = state.flatMap(refusalOf).map(({ detail }) => detail);
    await follower.close();
    throw new UsageError(`no snapshot: ${[...reasons, ...refused, ...problems].join('\n')}`);
  } catch (error) {
    await children.stop();
    await controller.close();
    throw error;
  }
}

async function watchedPolicies({ cluster, log }: ServeOptions): Promise<WatchedPolicies | undefined> {
  if (cluster === undefined) return undefined;
  try {
    const policies = await watchPolicies(await connect(cluster));
    await policies.ready;
    for (const problem of policies.problems())
      log('policies of the cluster are not watched', { detail: problem });
    return policies;
  } catch (error) {
    throw new UsageError(`--cluster: ${error instanceof Error ? error.message : error}`);
  }
}

async function startPush(
  { push, host, now, log }: ServeOptions,
  pki: Pki,
  follower: SourceFollower,
): Promise<PushServer | undefined> {
  if (push === undefined) return undefined;
  const receive = receivePush({ secret: push.secret, now });
  const server = await startPushServer({
    host,
    port: push.port,
    certificate: pki.server,
    mostBytes: PUSH_BYTES,
    receive(headers, body) {
      const { status, body: text, poll } = receive(headers, body);
      if (poll) void follower.poll();
      else log('push refused', { status, reason: text.trim() });
      return { status, body: text };
    },
  });
  log('pushes are heard', { port: server.port });
  return server;
}

interface Start {
  readonly data: DataFolder;
  /** Names. */
  readonly workers: readonly string[];
  readonly children: Children;
  readonly controller: Controller;
  readonly signal: AbortSignal;
}

const LOOK_MS = 20;

/** @returns False when it is given up before. */
async function untilAllListen({ data, workers, children, controller, signal }: Start): Promise<boolean> {
  const { publisher } = controller;
  while (!signal.aborted) {
    const epoch = publisher.current()?.epoch ?? 0;
    const current = publisher.workers().filter(({ inForce }) => inForce >= epoch);
    // It takes its folder when it listens.
    const listen = (name: string) => ownerOf(dataFolder(data.worker(name))) === (children.pid(name) ?? -1);
    if (current.length >= workers.length && workers.every(listen)) return true;
    await sleep(LOOK_MS);
  }
  return false;
}

async function endOthers(
  there: Promise<boolean>,
  { data, workers, log }: Pick<Start, 'data' | 'workers'> & { readonly log: Log },
): Promise<void> {
  if (!(await there)) return;
  for (const name of await endOtherWorkers(data, workers))
    log('worker of an earlier start ends', { process: name });
}

function complain(error: unknown, log: Log): void {
  log('not renewed', { detail: error instanceof Error ? error.message : String(error) });
}
