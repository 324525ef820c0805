/** An API server with one kind of object, over plain HTTP, that a test makes misbehave. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface FakeObject {
  readonly metadata: { readonly namespace: string; readonly name: string; readonly resourceVersion: string };
  readonly [key: string]: unknown;
}

interface Event {
  readonly type: string;
  readonly version: number;
  readonly line: string;
}

type Handler = (request: IncomingMessage, response: ServerResponse, url: URL) => void;

export interface FakeApi {
  /** Path of a kubeconfig. */
  readonly kubeconfig: string;
  /** By `namespace/name`. */
  readonly objects: ReadonlyMap<string, FakeObject>;
  /** Path and query of every request. */
  readonly requests: string[];
  /** How many watches are open. */
  watches(): number;
  put(place: string, data?: unknown): void;
  delete(place: string): void;
  bookmark(): void;
  /** Forgets what happened: watches and `continue` tokens from before are answered with 410. */
  compact(): void;
  /** Changes made until `resume` are not told to watches that are open, and never will be. */
  mute(): void;
  resume(): void;
  /** As after a restored backup: these objects, and versions that begin again from there. */
  setBack(version: number, places: readonly string[]): void;
  /** What all open watches are sent, byte by byte as given. */
  send(raw: string | Buffer): void;
  /** Takes the next request of this kind in place of the server. */
  next(what: 'list' | 'watch' | 'get', handler: Handler): void;
  /** Ends connections in the middle. */
  drop(): void;
  /** Refuses every list and watch, until it is allowed again. */
  forbid(forbidden: boolean): void;
  close(): Promise<void>;
}

const COLLECTION = '/api/v1/configmaps';

export async function startFakeApi(): Promise<FakeApi> {
  const objects = new Map<string, FakeObject>();
  const requests: string[] = [];
  const handlers: { what: string; handler: Handler }[] = [];
  const open = new Set<ServerResponse>();
  let history: Event[] = [];
  let version = 100;
  let compacted = 0;
  let muted = false;
  let forbidden = false;

  const server = createServer((request, response) => {
    const url = new URL(request.url!, 'http://fake');
    requests.push(request.url!);
    const watches = url.searchParams.get('watch') === 'true';
    const what = watches ? 'watch' : url.pathname === COLLECTION ? 'list' : 'get';
    const index = handlers.findIndex((entry) => entry.what === what);
    if (index >= 0) handlers.splice(index, 1)[0]!.handler(request, response, url);
    else if (forbidden && what !== 'get')
      refuse(response, 403, `configmaps is forbidden: User "someone" cannot ${what} resource "configmaps"`);
    else if (watches) watch(response, url);
    else if (what === 'list') list(response, url);
    else get(response, url);
  });

  function list(response: ServerResponse, url: URL): void {
    const limit = Number(url.searchParams.get('limit') ?? 0);
    const token = url.searchParams.get('continue') ?? `${version}:`;
    const at = Number(token.slice(0, token.indexOf(':')));
    const after = token.slice(token.indexOf(':') + 1);
    if (at < compacted) {
      refuse(response, 410, 'the provided continue parameter is too old');
      return;
    }
    // Pages show the present, which is enough: what differs comes by the watch.
    const places = [...objects.keys()].sort().filter((place) => place > after);
    const shown = limit === 0 ? places : places.slice(0, limit);
    const items = shown.map((place) => objects.get(place));
    const next = shown.length < places.length ? { continue: `${at}:${shown.at(-1)}` } : {};
    answer(response, 200, {
      kind: 'ConfigMapList',
      metadata: { resourceVersion: String(at), ...next },
      items,
    });
  }

  function watch(response: ServerResponse, url: URL): void {
    const from = Number(url.searchParams.get('resourceVersion'));
    if (from < compacted) {
      refuse(response, 410, `too old resource version: ${from} (${compacted})`);
      return;
    }
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    for (const event of history) if (event.version > from) response.write(event.line);
    open.add(response);
    response.on('close', () => open.delete(response));
  }

  function get(response: ServerResponse, url: URL): void {
    const [, namespace, name] = /namespaces\/([^/]+)\/configmaps\/([^/]+)$/.exec(url.pathname) ?? [];
    const object = objects.get(`${namespace}/${name}`);
    if (object === undefined) refuse(response, 404, 'not found');
    else answer(response, 200, { apiVersion: 'v1', kind: 'ConfigMap', ...object });
  }

  function tell(type: string, object: FakeObject): void {
    const line = eventLine(type, object);
    history.push({ type, version, line });
    if (!muted) for (const response of open) response.write(line);
  }

  function drop(): void {
    for (const response of open) response.socket?.destroy();
    server.closeAllConnections();
    open.clear();
  }

  const make = (place: string, data: unknown): FakeObject => {
    const [namespace, name] = place.split('/') as [string, string];
    const metadata = { namespace, name, resourceVersion: String(version) };
    return {
      metadata: { ...metadata, managedFields: [{ manager: 'fake' }] } as FakeObject['metadata'],
      data,
    };
  };

  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  const folder = mkdtempSync(join(tmpdir(), 'rampart-fake-'));
  const kubeconfig = join(folder, 'config');
  writeFileSync(kubeconfig, kubeconfigText(`http://127.0.0.1:${port}`));
  return {
    kubeconfig,
    objects,
    requests,
    watches: () => open.size,
    put(place, data = {}) {
      version++;
      const isNew = !objects.has(place);
      const object = make(place, data);
      objects.set(place, object);
      tell(isNew ? 'ADDED' : 'MODIFIED', object);
    },
    delete(place) {
      const object = objects.get(place);
      if (object === undefined) return;
      version++;
      objects.delete(place);
      tell('DELETED', make(place, object['data']));
    },
    bookmark() {
      const line = eventLine('BOOKMARK', { metadata: { resourceVersion: String(version) } });
      for (const response of open) response.write(line);
    },
    compact() {
      version++;
      compacted = version;
      history = [];
    },
    mute() {
      muted = true;
    },
    resume() {
      muted = false;
    },
    setBack(to, places) {
      version = to;
      compacted = 0;
      history = [];
      objects.clear();
      for (const place of places) objects.set(place, make(place, { restored: true }));
    },
    send(raw) {
      for (const response of open) response.write(raw);
    },
    next: (what, handler) => void handlers.push({ what, handler }),
    drop,
    forbid(is) {
      forbidden = is;
      if (is) drop();
    },
    async close() {
      drop();
      await new Promise((done) => server.close(done));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export function eventLine(type: string, object: unknown): string {
  return `${JSON.stringify({ type, object: { apiVersion: 'v1', kind: 'ConfigMap', ...(object as object) } })}\n`;
}

export function answer(response: ServerResponse, status: number, body: unknown, headers = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

export function refuse(response: ServerResponse, code: number, message: string, headers = {}): void {
  answer(response, code, { kind: 'Status', code, message }, headers);
}

function kubeconfigText(server: string): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'fake',
    contexts: [{ name: 'fake', context: { cluster: 'fake', user: 'someone' } }],
    clusters: [{ name: 'fake', cluster: { server, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'someone', user: { token: 'fake' } }],
  });
}
