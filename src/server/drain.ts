/** How a server leaves without losing a request. */
import type { Server } from 'node:https';
import { Server as TcpServer } from 'node:net';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import type { ServerLimits } from './limits.ts';
import type { Lifecycle } from './write.ts';

interface DrainOptions {
  readonly limits: ServerLimits;
  readonly lifecycle: Lifecycle;
  /** Whatever is not answered by now never will be. */
  readonly cutOff: () => void;
}

/**
 * Serves on for the grace period; then takes no new connections, tells those it has to close with their next answer, closes the
 * ones that rest, and cuts off what is left when the last deadline passes. Resolves when all are closed.
 */
export async function drainServer(
  server: Server,
  { limits, lifecycle, cutOff }: DrainOptions,
): Promise<void> {
  lifecycle.draining = true;
  await sleep(limits.graceMs);
  lifecycle.closing = true;
  const closed = stopListening(server);
  const lastDeadline = setTimeout(() => {
    cutOff();
    server.closeAllConnections();
  }, limits.cutOffMs);
  // A connection at rest may carry a request that has not arrived yet; those in use get their `connection: close`.
  await Promise.race([closed, sleep(Math.min(limits.lingerMs, limits.cutOffMs))]);
  server.closeIdleConnections();
  await closed;
  clearTimeout(lastDeadline);
}

const LAST_CONNECTIONS_MS = 1_000;

async function stopListening(server: Server): Promise<void> {
  await acceptLast(server);
  await new Promise<void>((resolve) => {
    // Not the server's own close, which closes connections at rest at once.
    TcpServer.prototype.close.call(server, () => resolve());
  });
}

/**
 * Connections that the kernel has made but not handed over would be reset. The event loop takes one in a turn, so a turn without
 * any has taken the last, but for one that comes within that moment.
 */
async function acceptLast(server: Server): Promise<void> {
  let came = true;
  const onConnection = () => {
    came = true;
  };
  server.on('connection', onConnection);
  for (const until = performance.now() + LAST_CONNECTIONS_MS; came && performance.now() < until; ) {
    came = false;
    await nextTurn();
  }
  server.off('connection', onConnection);
}
