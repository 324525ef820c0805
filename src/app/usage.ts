/** A mistake in how Rampart was called or configured: exit code 2, one line, no stack trace. `hint`: what would be right. */
export class UsageError extends Error {
  readonly hint: string | undefined;
  constructor(message: string, hint?: string) {
    super(message);
    this.hint = hint;
  }
}
