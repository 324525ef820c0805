import type { ClientRequest } from 'node:http';

/** Rejects with the error of a request, of which {@link isUnsent} tells whether a server can know of it. */
export function rejectWithSent(request: ClientRequest, reject: (error: Error) => void): void {
  let sent = false;
  request.on('socket', (socket) => {
    sent = request.reusedSocket;
    if (!sent)
      socket.once('secureConnect', () => {
        sent = true;
      });
  });
  request.on('error', (error) => reject(Object.assign(error, { sent })));
}

/** Whether the connection of a request never stood. */
export function isUnsent(error: unknown): boolean {
  return (error as { sent?: boolean }).sent === false;
}
