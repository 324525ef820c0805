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
/** One that waited for nothing and did next to nothing. */
const SHORT_TURN_MS = 0.2;

async function stopListening(server: Server): Promise<void> {
  await acceptLast(server);
  await new Promise<void>((resolve) => {
    // Not the server's own close, which closes connections at rest at once.
    TcpServer.prototype.close.call(server, () => resolve());
  });
}

/**
 * Connections that the kernel has made but not handed over would be reset, unless another process takes from the same queue. The
 * event loop takes one in a turn, so a turn without any has taken the last, but for one that comes before the turn ends: it has to
 * be a short one.
 */
async function acceptLast(server: Server): Promise<void> {
  let quiet = false;
  const onConnection = () => {
    quiet = false;
  };
  server.on('connection', onConnection);
  const until = performance.now() + LAST_CONNECTIONS_MS;
  for (let now = performance.now(); !quiet && now < until; ) {
    quiet = true;
    await nextTurn();
    const since = now;
    now = performance.now();
    quiet &&= now - since < SHORT_TURN_MS;
  }
  server.off('connection', onConnection);
}
