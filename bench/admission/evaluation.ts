/** What one request costs in the process itself, without HTTP and TLS: the gate of a worker, called directly. */

import { decidingSnapshot, enforcedSet } from '../../src/app/admission/deciding.ts';
import { ADMISSION } from '../../src/app/admission/environment.ts';
import { parseBody } from '../../src/app/admission/parse.ts';
import { dataFolder } from '../../src/app/data-folder.ts';
import type { FolderLive } from '../../src/app/environment/folder-live.ts';
import { compileSnapshot } from '../../src/app/snapshot/compile.ts';
import { readKept } from '../../src/app/snapshot/keep.ts';
import {
  type AdmissionGate,
  createAdmissionGate,
  createTally,
  type GateReply,
} from '../../src/gates/index.ts';
import { median } from '../measure.ts';

export interface Evaluation {
  readonly policies: number;
  /** Microseconds, medians: the decision and its reply; the same with reading the body. */
  readonly decided: number;
  readonly whole: number;
}

/** No objects at all. */
const NOTHING: FolderLive = {
  kinds: () => [],
  problems: () => [],
  failures: () => ({ count: 0, last: undefined }),
  list: () => [],
  get: () => undefined,
  state: () => ({ synced: true, seenAt: 0 }),
  onChange: () => () => {},
  close: async () => {},
};

const WARM = 20_000;
const COUNT = 20_000;

/** @param data The folder of the snapshot in force. */
export async function measureEvaluation(data: string, body: Buffer): Promise<Evaluation> {
  const kept = readKept(dataFolder(data));
  if (!kept.ok) throw new Error(kept.detail);
  const compiled = compileSnapshot(kept.content, { now: Date.now(), digest: kept.digest });
  const environment = ADMISSION.ofFolders(NOTHING);
  const set = enforcedSet(compiled);
  const gate = createAdmissionGate({
    snapshot: decidingSnapshot(compiled, set, { ...environment.open(compiled).context, now: Date.now }),
    tally: createTally(),
    parse: parseBody,
    namespaceLabels: environment.namespaceLabels,
    record: () => {},
    elsewhere: { ask: tooSlow, change: tooSlow },
    now: Date.now,
  });
  for (let i = 0; i < WARM; i++) once(gate, body);
  const times = Array.from({ length: COUNT }, () => once(gate, body));
  await environment.close();
  return {
    policies: set.policies.length,
    decided: median(times.map(({ decided }) => decided)),
    whole: median(times.map(({ whole }) => whole)),
  };
}

function tooSlow(): Promise<never> {
  return Promise.reject(new Error('too slow'));
}

function once(gate: AdmissionGate, body: Buffer): { decided: number; whole: number } {
  const start = process.hrtime.bigint();
  const job = gate.accept('validate', body);
  if (!('run' in job)) throw new Error(job.body);
  const read = process.hrtime.bigint();
  const reply = job.run() as GateReply;
  const end = process.hrtime.bigint();
  if (reply.status !== 200) throw new Error(reply.body);
  return { decided: Number(end - read) / 1000, whole: Number(end - start) / 1000 };
}
