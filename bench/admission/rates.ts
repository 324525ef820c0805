/** How many requests a second the webhook answers beside the bare server, and how soon at half of that. */
import { median } from '../measure.ts';
import type { Load, LoadOrder } from './load.ts';
import { cpuSeconds, load } from './processes.ts';

export interface Contender {
  readonly name: string;
  readonly port: number;
  readonly pid: number;
  /** File of the CA. */
  readonly ca: string;
}

export interface Rate {
  /** Requests a second, as the clock says, and of processor time alone: others on the machine take nothing of that. */
  readonly wall: number;
  readonly cpu: number;
}

type Common = Pick<LoadOrder, 'bodies'>;

/** Medians of interleaved rounds, by contender. */
export async function measureRates(
  contenders: readonly Contender[],
  connections: number,
  common: Common,
  { rounds, seconds }: { readonly rounds: number; readonly seconds: number },
): Promise<Rate[]> {
  const runs = contenders.map((): Rate[] => []);
  for (let round = 0; round <= rounds; round++)
    for (const [index, { name, port, pid, ca }] of contenders.entries()) {
      const before = cpuSeconds(pid) ?? Number.NaN;
      const made = await load({ ...common, port, ca, connections, rate: 0, seconds });
      if (made.failed > 0) throw new Error(`${name}: ${made.failed} requests failed`);
      const cpu = made.answered / ((cpuSeconds(pid) ?? Number.NaN) - before);
      // The first round warms up.
      if (round > 0) runs[index]!.push({ wall: made.answered / made.seconds, cpu });
    }
  return runs.map((own) => ({
    wall: median(own.map(({ wall }) => wall)),
    cpu: median(own.map(({ cpu }) => cpu)),
  }));
}

export type Latency = Pick<Load, 'p50' | 'p99' | 'p999'>;

/** Medians of rounds at a fixed rate. */
export async function measureLatency(
  contenders: readonly Contender[],
  rate: number,
  common: Common,
  { rounds, seconds }: { readonly rounds: number; readonly seconds: number },
): Promise<Latency[]> {
  const runs = contenders.map((): Load[] => []);
  for (let round = 0; round < rounds; round++)
    for (const [index, { port, ca }] of contenders.entries())
      runs[index]!.push(await load({ ...common, port, ca, connections: 64, rate, seconds }));
  const of = (own: readonly Load[], field: keyof Latency) => median(own.map((one) => one[field]));
  return runs.map((own) => ({ p50: of(own, 'p50'), p99: of(own, 'p99'), p999: of(own, 'p999') }));
}
