/** How a server leaves without losing a request. */
import type { Server } from 'node:https';
import { Server as TcpServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
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
/** One that waits for nothing and does next to nothing takes a fraction of it. */
const SHORT_TURN_MS = 0.02;
/** What a turn may take at most is this part of how long none was as short. */
const PATIENCE = 1 / 2_500;

async function stopListening(server: Server): Promise<void> {
  await quietTurn(server, () => {
    // Not the server's own close, which closes connections at rest at once.
    return new Promise<void>((resolve) => void TcpServer.prototype.close.call(server, () => resolve()));
  });
}

/**
 * Connections that the kernel has made but not handed over would be reset, unless another process takes from the same queue. A turn
 * of the event loop without any has taken the last, but for what comes before it ends: it has to be a short one, and `close` has to
 * follow in the same.
 */
function quietTurn(server: Server, close: () => Promise<void>): Promise<void> {
  const began = performance.now();
  // The first turn is a slow one: what it runs was never run before.
  let [quiet, since] = [false, began];
  const onConnection = () => {
    quiet = false;
  };
  server.on('connection', onConnection);
  return new Promise((resolve) => {
    const look = () => {
      const now = performance.now();
      const waited = now - began;
      quiet &&= now - since < Math.max(SHORT_TURN_MS, waited * PATIENCE);
      if (quiet || waited > LAST_CONNECTIONS_MS) {
        server.off('connection', onConnection);
        resolve(close());
        return;
      }
      quiet = true;
      since = performance.now();
      setImmediate(look);
    };
    setImmediate(look);
  });
}
