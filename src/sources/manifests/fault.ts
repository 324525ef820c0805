/** `value`: well-formed, but no JSON that Kubernetes reads. `ambiguous`: readers differ on what it means. */
export type FaultCode = 'syntax' | 'value' | 'ambiguous' | 'too-large';

/** Why a document has no value, and at which offset of its text. */
export class ConstructError extends Error {
  readonly code: FaultCode;
  readonly offset: number;
  constructor(code: FaultCode, message: string, offset: number) {
    super(message);
    this.code = code;
    this.offset = offset;
  }
}
