/**
 * Asks a webhook, as a process of its own: raw TLS connections that are kept, one request at a time on each. Closed, each asks
 * again as soon as it is answered; open, at a fixed rate whatever the answers take, and what waits for a connection waits.
 * The order comes as the one argument, in JSON; what was measured goes to standard output, in JSON. `until` ends with standard input.
 */
import { readFileSync } from 'node:fs';
import { connect, type TLSSocket } from 'node:tls';

export interface LoadOrder {
  readonly port: number;
  /** File of the CA. */
  readonly ca: string;
  /** Files of bodies, sent in turn. */
  readonly bodies: readonly string[];
  readonly connections: number;
  /** Requests a second; 0: closed loop. */
  readonly rate: number;
  /** 0: until standard input ends. */
  readonly seconds: number;
}

export interface Load {
  readonly answered: number;
  /** Answered with another status than 200, or cut off. */
  readonly failed: number;
  readonly seconds: number;
  /** Milliseconds from when a request was due. */
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  readonly longest: number;
  /** Of a core: near 1, this process was what was measured. */
  readonly busy: number;
}

const order = JSON.parse(process.argv[2]!) as LoadOrder;
const requests = order.bodies.map((path) => {
  const body = readFileSync(path);
  const head = `POST /validate?timeout=10s HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), body]);
});

interface Connection {
  readonly socket: TLSSocket;
  /** When what it waits for was due. */
  due: number;
  rest: Buffer | undefined;
}

const latencies: number[] = [];
const free: Connection[] = [];
const waiting: number[] = [];
let [sent, failed, ended] = [0, 0, false];

function ask(connection: Connection, due: number): void {
  connection.due = due;
  connection.socket.write(requests[sent++ % requests.length]!);
}

/** @returns Whether the answer is whole. */
function take(connection: Connection, chunk: Buffer): boolean {
  const all = connection.rest === undefined ? chunk : Buffer.concat([connection.rest, chunk]);
  const end = all.indexOf('\r\n\r\n');
  const head = end < 0 ? '' : all.toString('latin1', 0, end).toLowerCase();
  const at = head.indexOf('content-length: ');
  if (at < 0 || all.length < end + 4 + Number.parseInt(head.slice(at + 16), 10)) {
    connection.rest = all;
    return false;
  }
  connection.rest = undefined;
  if (!head.startsWith('http/1.1 200')) failed++;
  return true;
}

function answered(connection: Connection): void {
  const now = performance.now();
  latencies.push(now - connection.due);
  if (ended) return;
  if (order.rate === 0) ask(connection, now);
  else if (waiting.length > 0) ask(connection, waiting.shift()!);
  else free.push(connection);
}

function open(): Promise<Connection> {
  return new Promise((resolve, reject) => {
    const socket = connect({
      port: order.port,
      host: '127.0.0.1',
      servername: 'localhost',
      ca: readFileSync(order.ca),
      ALPNProtocols: ['http/1.1'],
    });
    socket.setNoDelay(true);
    const connection: Connection = { socket, due: 0, rest: undefined };
    socket.once('secureConnect', () => resolve(connection));
    socket.on('data', (chunk: Buffer) => {
      if (take(connection, chunk)) answered(connection);
    });
    socket.on('error', reject);
    socket.on('close', () => {
      if (!ended) failed++;
    });
  });
}

function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

const connections = await Promise.all(Array.from({ length: order.connections }, open));
const start = performance.now();
const cpu = process.cpuUsage();
let asked = 0;

/** As many as are due by now; while they wait for an answer, none is idle. */
function due(): void {
  if (ended) return;
  for (const until = performance.now(); ; asked++) {
    const when = start + (asked * 1000) / order.rate;
    if (when > until) break;
    // In turn: one that says nothing for five seconds after it is made is closed by the server, as it should be.
    const connection = free.shift();
    if (connection === undefined) waiting.push(when);
    else ask(connection, when);
  }
  setImmediate(due);
}

if (order.rate === 0) for (const connection of connections) ask(connection, performance.now());
else {
  free.push(...connections);
  due();
}

await new Promise<void>((resolve) => {
  if (order.seconds > 0) setTimeout(resolve, order.seconds * 1000);
  else process.stdin.on('end', resolve).resume();
});
ended = true;
const seconds = (performance.now() - start) / 1000;
const { user, system } = process.cpuUsage(cpu);
const sorted = latencies.toSorted((a, b) => a - b);
const load: Load = {
  answered: sorted.length,
  failed,
  seconds,
  p50: percentile(sorted, 0.5),
  p99: percentile(sorted, 0.99),
  p999: percentile(sorted, 0.999),
  longest: sorted.at(-1) ?? 0,
  busy: (user + system) / 1e6 / seconds,
};
process.stdout.write(`${JSON.stringify(load)}\n`, () => process.exit(0));
