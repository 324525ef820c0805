/**
 * `npm run bench:watch`: what a watch cache of Pods costs: memory when all are listed, and how fast it takes lists and events.
 * The API server is another process that answers from memory.
 */
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createClusterLive } from '../src/app/environment/cluster-live.ts';
import type { LiveKind } from '../src/model/index.ts';
import { type Cluster, connect } from '../src/sources/index.ts';
import { table } from './measure.ts';

const OBJECTS = 10_000;
const EVENTS = 20_000;
const CONDITIONS = ['Initialized', 'Ready', 'ContainersReady', 'PodScheduled'];
const PODS: LiveKind = { group: '', version: 'v1', resource: 'pods', kind: 'Pod', namespaced: true };

if (process.argv[2] === 'serve') serve();
else await measure();

async function measure(): Promise<void> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const folder = mkdtempSync(join(tmpdir(), 'rampart-bench-'));
  const server = fork(import.meta.filename, ['serve'], { stdio: 'inherit' });
  try {
    const port = await new Promise((told) => server.once('message', told));
    writeFileSync(join(folder, 'config'), kubeconfig(`http://127.0.0.1:${port}`));
    process.env['KUBECONFIG'] = join(folder, 'config');
    const cluster = await connect('');
    // Once, not counted: code that is compiled, and a heap that has its size.
    await warmUp(cluster);
    await sleep(100);
    collect();
    const before = process.memoryUsage();
    const began = performance.now();
    const live = createClusterLive(cluster, [PODS]);
    await live.synced(60_000);
    const listed = performance.now() - began;
    collect();
    const after = process.memoryUsage();
    const bytes = Buffer.byteLength(JSON.stringify(pod(0, 1)));
    const kept = Buffer.byteLength(JSON.stringify([...live.list(PODS)][0]!.object));
    while (live.counts(PODS)!.watches === 0) await sleep(5);
    const sent = performance.now();
    server.send(EVENTS);
    while (live.counts(PODS)!.events < EVENTS) await sleep(5);
    const taken = performance.now() - sent;
    collect();
    const later = process.memoryUsage();
    const heap = after.heapUsed + after.external - before.heapUsed - before.external;
    const perObject = Math.round(heap / OBJECTS);
    console.log(`${OBJECTS} Pods of ${bytes} bytes, ${kept} without managedFields.\n`);
    console.log(
      table(
        ['what', 'measured'],
        [
          ['memory for all of them', `${mib(heap)}, ${perObject} bytes each`],
          [
            'the same after the events',
            mib(later.heapUsed + later.external - before.heapUsed - before.external),
          ],
          ['resident memory of the process', `${mib(after.rss)}, after the events ${mib(later.rss)}`],
          ['list', `${(listed / 1000).toFixed(2)} s`],
          ['events', `${Math.round(EVENTS / (taken / 1000))}/s`],
        ],
      ),
    );
    await live.close();
  } finally {
    server.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function warmUp(cluster: Cluster): Promise<void> {
  const live = createClusterLive(cluster, [PODS]);
  await live.synced(60_000);
  await live.close();
}

function serve(): void {
  const server = createServer((request, response) => {
    const url = new URL(request.url!, 'http://bench');
    response.writeHead(200, { 'content-type': 'application/json' });
    if (url.searchParams.get('watch') === 'true') {
      response.flushHeaders();
      process.removeAllListeners('message').on('message', async (events: number) => {
        for (let at = 0; at < events; at++) {
          const object = { apiVersion: 'v1', kind: 'Pod', ...pod(at % OBJECTS, OBJECTS + 1 + at) };
          if (!response.write(`${JSON.stringify({ type: 'MODIFIED', object })}\n`))
            await new Promise((drained) => response.once('drain', drained));
        }
      });
      return;
    }
    const from = Number(url.searchParams.get('continue') ?? 0);
    const to = Math.min(OBJECTS, from + Number(url.searchParams.get('limit')));
    const items = Array.from({ length: to - from }, (_, at) => pod(from + at, from + at + 1));
    const more = to < OBJECTS ? { continue: String(to) } : {};
    response.end(JSON.stringify({ metadata: { resourceVersion: String(OBJECTS), ...more }, items }));
  });
  server.listen(0, '127.0.0.1', () => process.send!((server.address() as AddressInfo).port));
  process.once('disconnect', () => process.exit());
}

/** As a Deployment of two containers makes them, with what the API server and a kubelet write into them. */
function pod(at: number, version: number): object {
  // Replicas of a workload lie beside each other, as their names do.
  const workload = Math.floor(at / 20);
  const name = `web-${workload}-7d9c5b8f6d-x${at.toString(36)}`;
  const labels = { app: `web-${workload}`, 'pod-template-hash': '7d9c5b8f6d', version: `v${workload % 7}` };
  const container = (part: string) => ({
    name: part,
    image: `registry.example/shop/${part}@sha256:${String(workload).padStart(64, 'a')}`,
    args: ['--listen=:8080', '--log-format=json'],
    env: Array.from({ length: 8 }, (_, index) => ({
      name: `SETTING_${index}`,
      value: `value-${workload}-${index}`,
    })),
    ports: [{ name: 'http', containerPort: 8080, protocol: 'TCP' }],
    resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { memory: '256Mi' } },
    livenessProbe: { httpGet: { path: '/healthz', port: 8080 }, periodSeconds: 10, failureThreshold: 3 },
    securityContext: { allowPrivilegeEscalation: false, runAsNonRoot: true, capabilities: { drop: ['ALL'] } },
    volumeMounts: [
      { name: 'kube-api-access', readOnly: true, mountPath: '/var/run/secrets/kubernetes.io/serviceaccount' },
    ],
    terminationMessagePath: '/dev/termination-log',
    imagePullPolicy: 'IfNotPresent',
  });
  const status = (part: string) => ({
    name: part,
    ready: true,
    restartCount: 0,
    image: `registry.example/shop/${part}:1`,
    imageID: `registry.example/shop/${part}@sha256:${String(workload).padStart(64, 'a')}`,
    containerID: `containerd://${String(at).padStart(64, 'b')}`,
    state: { running: { startedAt: '2026-01-01T00:00:00Z' } },
  });
  const owned = { 'f:metadata': { 'f:labels': { '.': {}, 'f:app': {}, 'f:version': {} } }, 'f:spec': {} };
  return {
    metadata: {
      name,
      namespace: `team-${Math.floor(at / 250)}`,
      uid: `${String(at).padStart(8, '0')}-1111-2222-3333-444444444444`,
      resourceVersion: String(version),
      creationTimestamp: '2026-01-01T00:00:00Z',
      labels,
      ownerReferences: [
        { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: `web-${workload}-7d9c5b8f6d`, controller: true },
      ],
      managedFields: Array.from({ length: 3 }, (_, index) => ({
        manager: `manager-${index}`,
        operation: 'Update',
        apiVersion: 'v1',
        fieldsType: 'FieldsV1',
        fieldsV1: {
          ...owned,
          'f:status': { 'f:conditions': Object.fromEntries(CONDITIONS.map((c) => [c, owned])) },
        },
      })),
    },
    spec: {
      containers: [container('app'), container('proxy')],
      serviceAccountName: `web-${workload}`,
      nodeName: `node-${at % 100}`,
      tolerations: [{ key: 'node.kubernetes.io/not-ready', operator: 'Exists', tolerationSeconds: 300 }],
      volumes: [
        { name: 'kube-api-access', projected: { sources: [{ serviceAccountToken: { path: 'token' } }] } },
      ],
    },
    status: {
      phase: 'Running',
      conditions: CONDITIONS.map((type) => ({
        type,
        status: 'True',
        lastTransitionTime: '2026-01-01T00:00:00Z',
      })),
      containerStatuses: [status('app'), status('proxy')],
      podIPs: [{ ip: `10.1.${at % 250}.${Math.floor(at / 250)}` }],
    },
  };
}

function kubeconfig(server: string): string {
  return JSON.stringify({
    'current-context': 'bench',
    contexts: [{ name: 'bench', context: { cluster: 'bench', user: 'bench' } }],
    clusters: [{ name: 'bench', cluster: { server, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'bench', user: { token: 'bench' } }],
  });
}

function mib(bytes: number): string {
  return `${(bytes / (1 << 20)).toFixed(1)} MiB`;
}
