import type { ServerResponse } from 'node:http';

/** Where the server is in its life. */
export interface Lifecycle {
  /** It says that it is not ready. */
  draining: boolean;
  /** Its answers close their connections. */
  closing: boolean;
}

const NONE: readonly string[] = [];
const BRACE = '{'.charCodeAt(0);

/** The whole answer in one piece. `more`: further headers, names and values in turn. */
export function write(
  response: ServerResponse,
  { closing }: Lifecycle,
  status: number,
  body: string,
  more: readonly string[] = NONE,
): void {
  if (closing) response.shouldKeepAlive = false;
  response.writeHead(status, [
    'content-type',
    body.charCodeAt(0) === BRACE ? 'application/json' : 'text/plain; charset=utf-8',
    'content-length',
    String(Buffer.byteLength(body)),
    ...more,
  ]);
  response.end(body);
}
