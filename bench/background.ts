/**
 * `npm run bench:background`: what the background scan costs over 10,000 objects with the whole library: a pass at full speed
 * and at its own pace, how it follows statuses that change, and memory. No cluster: objects are put by hand.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { handmade, keeperAt, snapshotOf, start } from '../src/app/background/fixture.ts';
import type { JsonMap } from '../src/model/index.ts';
import { table } from './measure.ts';

const OBJECTS = 10_000;
const NAMESPACES = 50;
const STATUSES = 200;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
const live = handmade();
const keeper = keeperAt(Date.now);
for (let i = 0; i < NAMESPACES; i++) live.put(namespace(i));
for (let i = 0; i < OBJECTS; i++) live.put(i % 10 === 0 ? deployment(i) : pod(i, 0));
collect();
const before = process.memoryUsage().heapUsed;
const snapshot = snapshotOf();
const rows: string[][] = [['policies', String(snapshot.set.policies.length)]];

const fast = start(live, keeper, Date.now, { share: 1 });
rows.push(['a pass at full speed', await timed(() => take(fast))]);
const { open, objects } = keeper.store.totals();
rows.push(['objects, findings', `${objects}, ${open}`]);
rows.push(['the same again', await timed(() => take(fast))]);
collect();
const heap = process.memoryUsage().heapUsed - before;
rows.push(['memory beside the objects, with the store', `${Math.round(heap / (1 << 20))} MiB`]);
const cpu = process.cpuUsage();
const began = performance.now();
for (let i = 0; i < STATUSES; i++) {
  live.put(pod(1 + (i % 9), i));
  await sleep(20);
}
await fast.settle();
const { user, system } = process.cpuUsage(cpu);
rows.push([
  `${STATUSES} statuses of Pods`,
  `${((performance.now() - began) / 1000).toFixed(1)} s, ${((user + system) / 1e6).toFixed(1)} s of CPU`,
]);
fast.close();

const paced = start(live, keeper, Date.now, {});
const delay = monitorEventLoopDelay({ resolution: 1 });
delay.enable();
rows.push(['a pass at its own pace', await timed(() => take(paced))]);
delay.disable();
const [most, nearly] = [delay.max, delay.percentile(99)].map((ns) => `${Math.round(ns / 1e6)} ms`);
rows.push(['the thread is held, p99 and longest', `${nearly}, ${most}`]);
paced.close();
rows.push(['resident memory of the process', `${Math.round(process.memoryUsage().rss / (1 << 20))} MiB`]);
console.log(table(['what', 'measured'], rows));

async function take(running: typeof fast): Promise<void> {
  running.background.prepare(snapshot).take();
  await running.background.pass();
}

async function timed(act: () => Promise<void>): Promise<string> {
  const from = performance.now();
  await act();
  return `${((performance.now() - from) / 1000).toFixed(2)} s`;
}

function namespace(i: number): JsonMap {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name: `ns-${i}`, uid: `ns-${i}` } };
}

function template(i: number): JsonMap {
  return {
    serviceAccountName: `account-${i % 20}`,
    containers: Array.from({ length: 2 }, (_, n) => ({
      name: `c${n}`,
      image: `registry.example/app-${i % 100}:1.${n}`,
      ports: [{ name: 'http', containerPort: 8080 + n }],
      env: Array.from({ length: 10 }, (_, e) => ({ name: `VARIABLE_${e}`, value: `value ${e}` })),
      resources: { limits: { cpu: '1', memory: '1Gi' }, requests: { cpu: '100m', memory: '1Gi' } },
      securityContext: i % 5 === 0 ? { privileged: true } : { allowPrivilegeEscalation: false },
    })),
  };
}

function pod(i: number, turn: number): JsonMap {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `pod-${i}`,
      namespace: `ns-${i % NAMESPACES}`,
      uid: `pod-${i}`,
      resourceVersion: String(i + turn),
      labels: { app: `app-${i % 100}` },
    },
    spec: template(i),
    status: { phase: 'Running', turn },
  };
}

function deployment(i: number): JsonMap {
  const labels = { app: `app-${i % 100}` };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: `web-${i}`, namespace: `ns-${i % NAMESPACES}`, uid: `web-${i}`, labels },
    spec: {
      replicas: 2,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: template(i) },
    },
  };
}
