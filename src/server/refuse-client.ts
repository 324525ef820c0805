/** Answers what the HTTP parser or its timeouts refuse: there is no request, and the connection is of no more use. */
import type { Socket } from 'node:net';
import type { ServerCounters } from './counters.ts';

type Refusal = readonly [status: string, counter: 'malformed' | 'headersTooLarge' | 'requestTimeout'];

/** By code of Node's error. */
const REFUSALS: ReadonlyMap<string, Refusal> = new Map([
  ['HPE_HEADER_OVERFLOW', ['431 Request Header Fields Too Large', 'headersTooLarge']],
  ['ERR_HTTP_REQUEST_TIMEOUT', ['408 Request Timeout', 'requestTimeout']],
]);
const MALFORMED: Refusal = ['400 Bad Request', 'malformed'];

/** @param busy Whether the connection carries a request that waits for its answer: this one must not be taken for it. */
export function refuseClient(
  error: NodeJS.ErrnoException,
  socket: Socket,
  counters: ServerCounters,
  busy: boolean,
): void {
  const refusal = REFUSALS.get(error.code ?? '') ?? (error.code?.startsWith('HPE_') ? MALFORMED : null);
  // Everything else is the connection's own end, or that of its handshake: there is nobody to answer.
  if (refusal === null || !socket.writable) {
    socket.destroy();
    return;
  }
  const [status, counter] = refusal;
  counters[counter]++;
  if (busy) socket.destroy();
  else
    socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`, () =>
      socket.destroy(),
    );
}
