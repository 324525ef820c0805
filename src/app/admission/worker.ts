/** One admission worker: holds one compiled snapshot, answers reviews by it, and tells its controller what it decided. */
import { type AdmissionGate, createAdmissionGate, createTally } from '../../gates/index.ts';
import type { DecisionBatch, UnlistedKind } from '../../model/index.ts';
import { startWebhookServer, type WebhookServer } from '../../server/index.ts';
import type { DataFolder } from '../data-folder.ts';
import type { CompiledSnapshot } from '../snapshot/compile.ts';
import { verifiersIn } from '../snapshot/note.ts';
import { createAsked } from './asked.ts';
import { type ControllerClient, createControllerClient } from './controller-client.ts';
import { decidingSnapshot, enforcedSet } from './deciding.ts';
import { createElsewhere, type Elsewhere } from './elsewhere.ts';
import type { AdmissionEnvironment, OpenEnvironment } from './environment.ts';
import { followSnapshots, type SnapshotFollower, type Taking } from './follow-snapshots.ts';
import { followIdentity, readIdentity } from './identity.ts';
import { createLedger, type Ledger } from './ledger.ts';
import { parseBody } from './parse.ts';
import { keepSpool, takeSpool } from './spool.ts';
import { takeFolder } from './succession.ts';

export type Log = (event: string, fields?: Readonly<Record<string, unknown>>) => void;

export interface WorkerOptions {
  /** URL of the controller. */
  readonly controller: string;
  /** With its certificates and the key of snapshots. */
  readonly data: DataFolder;
  readonly host: string;
  readonly port: number;
  /** Whether others listen on the same port by sockets of their own. */
  readonly reusePort: boolean;
  /** Of a socket that is inherited, in place of host and port. */
  readonly fd: number | undefined;
  readonly environment: AdmissionEnvironment;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly log: Log;
}

export interface RunningWorker {
  readonly port: number;
  /** Resolves when another worker has taken the folder: this one is to end. */
  readonly succeeded: Promise<void>;
  /** Answers what it has, tells the controller, and ends. */
  drain(): Promise<void>;
}

interface InForce {
  readonly compiled: CompiledSnapshot;
  readonly gate: AdmissionGate;
  readonly elsewhere: Elsewhere;
  readonly around: OpenEnvironment;
}

/** Watches of a new snapshot have so long to list what it looks up; after that it is taken without. */
const SYNC_MS = 10_000;
const SYNC_STEP_MS = 20;
const NEWS_LOOK_MS = 1_000;
/** The controller has so long to take the last batches. */
const LAST_FLUSH_MS = 2_000;

export async function runWorker(options: WorkerOptions): Promise<RunningWorker> {
  const { controller, data, environment, now, log } = options;
  const identity = readIdentity(data);
  const client = createControllerClient(controller, identity.client);
  const tally = createTally();
  const asked = createAsked();
  const ledger = createLedger({
    send: (batch) => client.post('decisions', batch),
    counts: () => tally.counts,
    asked: asked.take,
    left: takeSpool(data),
  });
  let inForce: InForce | undefined;
  const first = Promise.withResolvers<void>();
  let listed = false;

  function gateOf(compiled: CompiledSnapshot, around: OpenEnvironment): Pick<InForce, 'gate' | 'elsewhere'> {
    const set = enforcedSet(compiled);
    const { podPaths } = compiled;
    const { minor, definitions } = around.around;
    const elsewhere = createElsewhere({
      set,
      context: around.context,
      setup: { minor, definitions, podPaths, defaults: true, defaultNamespace: compiled.content.namespace },
      askFor: environment.askFor,
      now,
    });
    const gate = createAdmissionGate({
      snapshot: decidingSnapshot(
        compiled,
        set,
        { ...around.context, now },
        { quarantined: elsewhere.quarantineOf },
      ),
      tally,
      parse: parseBody,
      namespaceLabels: environment.namespaceLabels,
      prepare: environment.prepare,
      askFor: environment.askFor,
      record: ledger.record,
      letThrough: asked.note,
      elsewhere,
      now,
    });
    return { gate, elsewhere };
  }

  async function prepare(compiled: CompiledSnapshot): Promise<Taking> {
    const around = environment.open(compiled);
    const deciding = gateOf(compiled, around);
    await synced(around);
    return {
      take() {
        retire(inForce);
        inForce = { compiled, around, ...deciding };
        first.resolve();
      },
      drop: () => retire({ around, ...deciding }),
    };
  }

  /** The same snapshot, of an environment that has other kinds than before. */
  async function lookAgain(): Promise<void> {
    const compiled = inForce?.compiled;
    if (compiled === undefined) return;
    const { take, drop } = await prepare(compiled);
    if (inForce?.compiled === compiled) take();
    else drop();
  }

  function ready(): true | string {
    if (inForce === undefined) return 'no snapshot yet';
    const state = listed ? true : inForce.around.ready();
    listed ||= state === true;
    return state;
  }

  const follower = await followSnapshots({
    client,
    data,
    verifiers: verifiersIn(data),
    now,
    prepare,
    quarantined: () => inForce?.elsewhere.quarantined().map(({ policy }) => policy) ?? [],
    unlisted: () => inForce?.around.unlisted().map(nameOf) ?? [],
    log,
  });
  // Whoever waits in a queue that others take from, too, is left to those who can answer.
  if (options.fd !== undefined) await first.promise;
  const server = await startWebhookServer({
    accept: (kind, body) => inForce?.gate.accept(kind, body) ?? NOT_READY,
    ready,
    certificate: identity.server,
    host: options.host,
    port: options.port,
    reusePort: options.reusePort,
    ...(options.fd === undefined ? {} : { fd: options.fd }),
    onError: (error) => log('request failed', { detail: String(error) }),
  });
  const stopTelling = [
    tellNews(() => inForce?.elsewhere.quarantined() ?? [], {
      nameOf: ({ policy }) => policy,
      came: ({ policy, times }) =>
        log('policy quarantined', { policy, times, until: 'the next snapshot, or ten minutes' }),
    }),
    tellNews(() => inForce?.around.unlisted() ?? [], {
      nameOf,
      came: ({ kind, group, detail }) =>
        log('a kind may not be listed: policies that need it are errors', { kind, group, detail }),
      went: ({ kind, group }) => log('a kind is known now, or no longer needed', { kind, group }),
    }),
  ];
  const stopLooking = environment.onChange(
    () => void lookAgain().catch((error) => log('kinds not taken up', { detail: String(error) })),
  );
  const stopFollowing = followIdentity(data, (next) => {
    server.setCertificate(next.server);
    client.setIdentity(next.client);
  });
  const { succeeded, stop } = await takeFolder(data);
  log('worker listens', { port: server.port });
  return {
    port: server.port,
    succeeded,
    drain: () =>
      drain({
        server,
        follower,
        ledger,
        client,
        environment,
        data,
        log,
        stopFollowing() {
          stop();
          for (const end of stopTelling) end();
          stopLooking();
          stopFollowing();
        },
      }),
  };
}

const NOT_READY = { status: 503, body: 'no snapshot yet' };

interface News<T> {
  readonly nameOf: (one: T) => string;
  readonly came: (one: T) => void;
  readonly went?: (one: T) => void;
}

/** Says once of each that it came, or went. @returns Ends it. */
function tellNews<T>(list: () => readonly T[], { nameOf, came, went }: News<T>): () => void {
  let told = new Map<string, T>();
  const timer = setInterval(() => {
    const now = new Map(list().map((one) => [nameOf(one), one]));
    for (const [name, one] of now) if (!told.has(name)) came(one);
    if (went !== undefined) for (const [name, one] of told) if (!now.has(name)) went(one);
    told = now;
  }, NEWS_LOOK_MS).unref();
  return () => clearInterval(timer);
}

/** As people name kinds: `Pod`, `Deployment.apps`. */
function nameOf({ kind, group }: UnlistedKind): string {
  return group === '' ? kind : `${kind}.${group}`;
}

/** Requests that it has are answered all the same. */
function retire(former: Pick<InForce, 'around' | 'elsewhere'> | undefined): void {
  // Threads go on asking until they have answered.
  void former?.elsewhere.drain().then(() => former.around.close());
}

async function synced(around: OpenEnvironment): Promise<void> {
  for (let waited = 0; around.ready() !== true && waited < SYNC_MS; waited += SYNC_STEP_MS)
    await new Promise((resolve) => setTimeout(resolve, SYNC_STEP_MS));
}

interface Parts {
  readonly server: WebhookServer;
  readonly follower: SnapshotFollower;
  readonly ledger: Ledger;
  readonly client: ControllerClient;
  readonly environment: AdmissionEnvironment;
  readonly data: DataFolder;
  readonly stopFollowing: () => void;
  readonly log: Log;
}

async function drain({
  server,
  follower,
  ledger,
  client,
  environment,
  data,
  stopFollowing,
  log,
}: Parts): Promise<void> {
  log('worker drains');
  await server.drain();
  stopFollowing();
  await Promise.race([ledger.flush(), new Promise((resolve) => setTimeout(resolve, LAST_FLUSH_MS))]);
  ledger.close();
  const left: readonly DecisionBatch[] = ledger.left();
  await keepSpool(data, left);
  client.close();
  await follower.close();
  await environment.close();
  log('worker ended', { unsent: left.length });
}
