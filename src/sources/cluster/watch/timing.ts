/** How long an informer waits for what, in milliseconds, and how much it takes. */
export interface Timing {
  /** For one page of a list. */
  readonly pageMs: number;
  /** Until there is a connection. */
  readonly connectMs: number;
  /** Until a watch begins to answer: some proxies hold back its beginning until there is a line. */
  readonly openMs: number;
  /** Between two lines of a watch: the API server (1.37) sends a bookmark every minute, the first one after two. */
  readonly silenceMs: number;
  /** Between two comparisons of what is known with a list. */
  readonly resyncMs: number;
  /** Of one watch, which the API server then ends: some time between the two. */
  readonly watchMs: readonly [least: number, most: number];
  /** Before the first and before the last of many attempts. */
  readonly retryMs: readonly [first: number, most: number];
  /** Between attempts of what the API server does not allow. */
  readonly refusedMs: number;
  /** A watch that lasted so long was in order: attempts are counted anew. */
  readonly settledMs: number;
  /** A watch that ends sooner, without a line, is a failure. */
  readonly shortMs: number;
  /** Until an informer that was closed may be left alone. */
  readonly closeMs: number;
  /** Objects in one page. */
  readonly pageSize: number;
  /** Bytes of one line: etcd takes objects of some MiB at most. */
  readonly lineBytes: number;
}

export const TIMING: Timing = {
  pageMs: 60_000,
  connectMs: 15_000,
  openMs: 150_000,
  silenceMs: 150_000,
  resyncMs: 600_000,
  watchMs: [300_000, 600_000],
  retryMs: [200, 30_000],
  refusedMs: 30_000,
  settledMs: 30_000,
  shortMs: 1_000,
  closeMs: 900,
  pageSize: 500,
  lineBytes: 32 << 20,
};
