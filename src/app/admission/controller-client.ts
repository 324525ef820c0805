/** A worker's connection to its controller: mutual TLS, every wait bounded, nothing believed that is not signed. */
import { Agent, request } from 'node:https';

export interface Identity {
  /** PEM: the worker's certificate and key, and the CA of the controller's. */
  readonly cert: string;
  readonly key: string;
  readonly ca: string;
}

export interface ControllerClient {
  /** Undefined: nothing to do yet. Rejects when no answer comes. */
  poll(query: Query): Promise<Answer | undefined>;
  content(digest: string): Promise<string>;
  get(what: string, query: Readonly<Record<string, string>>): Promise<Answer>;
  post(what: string, body: unknown): Promise<void>;
  /** The same, where an answer is expected. */
  ask(what: string, body: unknown): Promise<Answer>;
  setIdentity(identity: Identity): void;
  close(): void;
}

/** What a worker says of itself; names may come again. */
export type Query = readonly (readonly [name: string, value: string])[];

/** Parsed JSON of an answer. */
export type Answer = Readonly<Record<string, unknown>>;

/** A controller that answers no poll for longer is taken for gone; its own limit is 25 s. */
const POLL_MS = 40_000;
const CALL_MS = 15_000;
/** Of the content of a snapshot. */
const MOST_BYTES = 256 << 20;

class ControllerError extends Error {
  /** HTTP; 0: no answer came. */
  readonly status: number;

  constructor(message: string, status: number) {
    super(message);
    this.status = status;
  }
}

/** @param url `https://HOST:PORT`. */
export function createControllerClient(url: string, identity: Identity): ControllerClient {
  const base = new URL(url);
  let agent = agentOf(identity);

  function call(method: string, path: string, timeout: number, body?: string): Promise<Answered> {
    return send({ base, agent, method, path, timeout, body });
  }

  return {
    async poll(query) {
      const { status, body } = await call(
        'GET',
        `/v1/snapshot?${new URLSearchParams(query.map(([name, value]): [string, string] => [name, value]))}`,
        POLL_MS,
      );
      return status === 204 ? undefined : (JSON.parse(body) as Answer);
    },
    async content(digest) {
      const hex = digest.slice(digest.indexOf(':') + 1);
      return (await call('GET', `/v1/snapshots/${encodeURIComponent(hex)}`, CALL_MS)).body;
    },
    async get(what, query) {
      const { body } = await call('GET', `/v1/${what}?${new URLSearchParams(query)}`, CALL_MS);
      return JSON.parse(body) as Answer;
    },
    async post(what, body) {
      await call('POST', `/v1/${what}`, CALL_MS, JSON.stringify(body));
    },
    async ask(what, body) {
      const answer = await call('POST', `/v1/${what}`, CALL_MS, JSON.stringify(body));
      return JSON.parse(answer.body) as Answer;
    },
    setIdentity(next) {
      agent.destroy();
      agent = agentOf(next);
    },
    close: () => agent.destroy(),
  };
}

function agentOf({ cert, key, ca }: Identity): Agent {
  return new Agent({ cert, key, ca, keepAlive: true, maxSockets: 8, minVersion: 'TLSv1.3' });
}

interface Answered {
  readonly status: number;
  readonly body: string;
}

interface Call {
  readonly base: URL;
  readonly agent: Agent;
  readonly method: string;
  readonly path: string;
  readonly timeout: number;
  readonly body: string | undefined;
}

function send({ base, agent, method, path, timeout, body }: Call): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => reject(new ControllerError(error.message, 0));
    const headers = body === undefined ? {} : { 'content-type': 'application/json' };
    const { hostname, port } = base;
    const host = hostname.replace(/^\[|\]$/g, '');
    const sent = request({ host, port, path, method, agent, headers }, (answer) => {
      const parts: Buffer[] = [];
      let size = 0;
      answer.on('error', fail);
      answer.on('data', (part: Buffer) => {
        size += part.length;
        if (size > MOST_BYTES) sent.destroy(new Error(`an answer has more than ${MOST_BYTES} bytes`));
        else parts.push(part);
      });
      answer.on('end', () => {
        const text = Buffer.concat(parts).toString('utf8');
        const status = answer.statusCode ?? 0;
        if (status >= 200 && status < 300) resolve({ status, body: text });
        else reject(new ControllerError(`${method} ${path} is answered with ${status}: ${text}`, status));
      });
    });
    // The whole of it: also an answer that trickles ends.
    const timer = setTimeout(() => sent.destroy(new Error(`no answer within ${timeout} ms`)), timeout);
    sent.on('close', () => clearTimeout(timer));
    sent.on('error', fail);
    sent.end(body);
  });
}
