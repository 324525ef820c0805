/** Every bound of the server in one place. Times are milliseconds. */

const MIB = 1 << 20;

export interface ServerLimits {
  /**
   * Bytes of one body; more are 413. Default 6.25 MiB: the API server takes objects of 3 MiB (MaxRequestBodyBytes of
   * k8s.io/apiserver), and a review of an update holds two beside its envelope.
   */
  readonly bodyBytes: number;
  /** Bytes of all bodies that are being read or not yet answered; beyond, 429. Default 256 MiB. */
  readonly bufferedBytes: number;
  /** Bytes of request line and headers; more are 431. Default 16 KiB. */
  readonly headerBytes: number;
  /** Until the TLS handshake is done. Default 5 s. */
  readonly handshakeMs: number;
  /** Until all headers have arrived; 408. Default 5 s. */
  readonly headersMs: number;
  /** Until the whole request has arrived; 408. Default 15 s. */
  readonly requestMs: number;
  /** A body that comes slower than this, counted from its first second on, is 408. Default 64 KiB a second. */
  readonly bodyBytesPerSecond: number;
  /**
   * How long a connection may rest between requests. Default 120 s, more than the 90 s after which a Go client closes it:
   * whoever closes first must not be the side that cannot know of a request under way.
   */
  readonly keepAliveMs: number;
  /** Connections at once; more are closed when they come. Default 1024. */
  readonly connections: number;
  /** Parsed requests that wait for their turn, of all users; beyond, 429. Default 512. */
  readonly waiting: number;
  /** Bodies that wait to be parsed; beyond, 429. Default 512. */
  readonly unread: number;
  /** Jobs at once whose answer is a Promise. Default 64. */
  readonly running: number;
  /** How long jobs may hold one turn of the event loop, not counting the last of them. Default 5 ms. */
  readonly turnMs: number;
  /** What a request waits at most when it has no `timeout` parameter. Default 10 s, which is the API server's. */
  readonly timeoutMs: number;
  /** Seconds that `Retry-After` of a 429 says; the API server's client heeds it. Default 1. */
  readonly retryAfterSeconds: number;
  /** How long a draining server serves on as if nothing were, so that it is taken out of the endpoints. Default 5 s. */
  readonly graceMs: number;
  /** How long it then leaves resting connections open, each told to close with its next answer. Default 1 s. */
  readonly lingerMs: number;
  /** When it cuts off what is still not answered, counted from the end of the grace period. Default 20 s. */
  readonly cutOffMs: number;
}

export const DEFAULT_LIMITS: ServerLimits = {
  bodyBytes: 6 * MIB + MIB / 4,
  bufferedBytes: 256 * MIB,
  headerBytes: 16 << 10,
  handshakeMs: 5_000,
  headersMs: 5_000,
  requestMs: 15_000,
  bodyBytesPerSecond: 64 << 10,
  keepAliveMs: 120_000,
  connections: 1_024,
  waiting: 512,
  unread: 512,
  running: 64,
  turnMs: 5,
  timeoutMs: 10_000,
  retryAfterSeconds: 1,
  graceMs: 5_000,
  lingerMs: 1_000,
  cutOffMs: 20_000,
};
