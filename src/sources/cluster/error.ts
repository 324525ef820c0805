/** What a cluster did not answer, or not as was asked. `message` says why; a status of 0 means that no answer came. */
export class ClusterError extends Error {
  readonly status: number;
  constructor(message: string, status = 0, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
  }
}
