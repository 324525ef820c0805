/** The background scan as a process: takes the snapshot in force from its controller, and tells it what it finds. */
import { randomUUID } from 'node:crypto';
import { createControllerClient } from '../admission/controller-client.ts';
import { followSnapshots } from '../admission/follow-snapshots.ts';
import { followIdentity, readIdentity } from '../admission/identity.ts';
import { takeFolder } from '../admission/succession.ts';
import type { Log } from '../admission/worker.ts';
import type { DataFolder } from '../data-folder.ts';
import { verifiersIn } from '../snapshot/note.ts';
import { type Background, createBackground, type Told } from './background.ts';
import type { BackgroundEnvironment } from './environment.ts';
import { createOutbox, type Heard, type Outbox } from './outbox.ts';
import { createReports, type ReportSink } from './reports.ts';

export interface RunOptions {
  /** URL of the controller. */
  readonly controller: string;
  /** With its certificates and the key of snapshots. */
  readonly data: DataFolder;
  readonly environment: BackgroundEnvironment;
  /** Whether what is found is written into the cluster as well. */
  readonly reports: boolean;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly log: Log;
}

export interface RunningBackground {
  /** Resolves when another process has taken the folder: this one is to end. */
  readonly succeeded: Promise<void>;
  /** Says what it has found, and ends. */
  end(): Promise<void>;
}

function withReports(outbox: Outbox, reports: ReportSink | undefined): Told {
  if (reports === undefined) return outbox;
  return {
    observed(observation) {
      outbox.observed(observation);
      reports.observed(observation);
    },
    gone(departure) {
      outbox.gone(departure);
      reports.gone(departure);
    },
    complete(unlisted) {
      outbox.complete();
      reports.complete(unlisted);
    },
    flush: outbox.flush,
    get hasRoom() {
      return outbox.hasRoom;
    },
  };
}

/** The controller has so long to take the last batches. */
const LAST_FLUSH_MS = 2_000;

export async function runBackground(options: RunOptions): Promise<RunningBackground> {
  const { controller, data, environment, now, log } = options;
  const identity = readIdentity(data);
  const client = createControllerClient(controller, identity.client);
  let background: Background | undefined;
  const outbox = createOutbox({
    run: randomUUID(),
    send: async (batch) => (await client.ask('findings', batch)) as unknown as Heard,
    looked: () => background?.looked() ?? {},
    unlisted: () => background?.unlisted() ?? [],
    heard({ unasked = [] }, forgotten) {
      background?.noteUnasked(unasked);
      if (forgotten) background?.sayAgain();
    },
    now,
  });
  const reports =
    options.reports && environment.cluster !== undefined
      ? createReports({ ...environment.cluster, now, log })
      : undefined;
  background = createBackground({ environment, outbox: withReports(outbox, reports), now, log });
  const { prepare } = background;
  const follower = await followSnapshots({ client, data, verifiers: verifiersIn(data), now, prepare, log });
  const stopFollowing = followIdentity(data, (next) => client.setIdentity(next.client));
  const { succeeded, stop } = await takeFolder(data);
  log('background scan begins');
  return {
    succeeded,
    async end() {
      stop();
      stopFollowing();
      background.close();
      await Promise.race([outbox.flush(), new Promise((resolve) => setTimeout(resolve, LAST_FLUSH_MS))]);
      outbox.close();
      await reports?.close();
      client.close();
      await follower.close();
      await environment.close();
      log('background scan ended', { unsent: outbox.waiting });
    },
  };
}
