/** What a cluster did not answer, or not as was asked. `message` says why; a status of 0 means that no answer came. */
export class ClusterError extends Error {
  readonly status: number;
  /** Milliseconds until the API server wants to be asked again, where it says so. */
  readonly retryAfterMs: number | undefined;
  constructor(message: string, status = 0, options?: ErrorOptions & { readonly retryAfterMs?: number }) {
    super(message, options);
    this.status = status;
    this.retryAfterMs = options?.retryAfterMs;
  }
}
