import type { ClientRequest } from 'node:http';

/** Rejects with the error of a request; its `sent` says whether the connection ever stood, so that a server may know of it. */
export function rejectWithSent(request: ClientRequest, reject: (error: SentError) => void): void {
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

export interface SentError extends Error {
  readonly sent: boolean;
}
