/** What became of requests and connections, counted since the server started. */
export interface ServerCounters {
  /** Requests to `/validate` and `/mutate` whose headers arrived; each ends in one of those down to `cutOff`. */
  requests: number;
  /** Answered by their job. */
  answered: number;
  /** Refused by whoever reads the bodies. */
  refused: number;
  /** A job, or reading its body, threw: 500. */
  failed: number;
  /** Another method than POST: 405. */
  wrongMethod: number;
  /** Another content type or an encoding: 415. */
  wrongType: number;
  /** 413. */
  tooLarge: number;
  /** No certificate of the client, or not one of those allowed: 403. */
  unauthorized: number;
  /** Too much waits, and their user has no smaller share of it than others: 429. */
  queueFull: number;
  /** Had to make room for a user with a smaller share: 429. */
  overShare: number;
  /** Too many bytes are being read or not yet answered: 429. */
  bufferFull: number;
  /** Waited until nobody would have read the answer: 503. */
  expired: number;
  /** Were evaluated until nobody would have read the answer: 503. */
  late: number;
  /** Body too slow: 408. */
  slowBody: number;
  /** The client left before it was answered. */
  disconnected: number;
  /** Not answered when the draining server's last deadline passed. */
  cutOff: number;
  /** No path of ours: 404. */
  notFound: number;
  /** No HTTP: 400. */
  malformed: number;
  /** Headers too large: 431. */
  headersTooLarge: number;
  /** Headers or body not there in time: 408. */
  requestTimeout: number;
  /** Connections closed at once because there were too many. */
  connectionsDropped: number;
  /** Connections that failed in their handshake. */
  handshakesFailed: number;
}

export function newCounters(): ServerCounters {
  return {
    requests: 0,
    answered: 0,
    refused: 0,
    failed: 0,
    wrongMethod: 0,
    wrongType: 0,
    tooLarge: 0,
    unauthorized: 0,
    queueFull: 0,
    overShare: 0,
    bufferFull: 0,
    expired: 0,
    late: 0,
    slowBody: 0,
    disconnected: 0,
    cutOff: 0,
    notFound: 0,
    malformed: 0,
    headersTooLarge: 0,
    requestTimeout: 0,
    connectionsDropped: 0,
    handshakesFailed: 0,
  };
}
