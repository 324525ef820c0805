/**
 * The port of the webhook, held by one process and listened on by others. Its queue of connections belongs to the socket, so
 * that none in it is lost when one of those who take from it ends: the others, or whoever comes next, take the rest.
 */
import { lookup } from 'node:dns/promises';
import { BoundSocket, isIP } from 'node:net';

export interface HeldPort {
  readonly port: number;
  /** To be inherited by who listens; nobody may close it. */
  readonly fd: () => number;
  /**
   * Refuses who waits, and whoever comes before somebody listens again: the descriptor is another from then on. Where two sockets
   * cannot have one port, nothing happens.
   */
  renew(): void;
  /** Lets go of it: the last who listens then ends the queue. */
  close(): void;
}

export interface HoldOptions {
  /** Address, or a name for one. */
  readonly host: string;
  /** 0: one that is free. */
  readonly port: number;
  /** Whether processes may listen there already that were started for the same purpose, and are about to end. */
  readonly succeeding: boolean;
}

/** Connections are refused until somebody listens. Rejects as `listen` does, also when anybody else listens there. */
export async function holdPort({ host, port, succeeding }: HoldOptions): Promise<HeldPort> {
  const address = isIP(host) === 0 ? (await lookup(host)).address : host;
  // Alone: two sockets that may share a port would share that of a stranger.
  if (!succeeding && port !== 0) new BoundSocket({ host: address, port }).close();
  let socket = bind(address, port);
  const taken = socket.address().port;
  return {
    port: taken,
    fd: () => socket.fd(),
    renew() {
      const former = socket;
      try {
        socket = bind(address, taken);
      } catch {
        return;
      }
      former.close();
    },
    close: () => socket.close(),
  };
}

/** So that a successor can listen before the last of this one has ended, where the system knows of that. */
function bind(host: string, port: number): BoundSocket {
  try {
    return new BoundSocket({ host, port, reusePort: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOTSUP') throw error;
    return new BoundSocket({ host, port });
  }
}
