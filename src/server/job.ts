/** What the server and whoever decides say to each other. */

/** What is answered: `body` is JSON when `status` is 200, else plain text. */
export interface HttpReply {
  readonly status: number;
  readonly body: string;
}

/** A parsed request, waiting for its turn. */
export interface Job {
  /** Whose request it is: users take turns. */
  readonly user: string;
  run(): HttpReply | Promise<HttpReply>;
}

export type WebhookKind = 'validate' | 'mutate';

/** Reads a body; an HttpReply refuses it at once (400, 413, …). */
export type Accept = (kind: WebhookKind, body: Buffer) => Job | HttpReply;
