/** Why the database cannot be used. */
export type DatabaseStartReason =
  | 'owned-elsewhere'
  | 'unusable-data-dir'
  | 'other-major'
  | 'embedded-failed'
  | 'unreachable'
  | 'unsupported-version'
  | 'missing-extension'
  | 'missing-privilege'
  | 'invalid-schema'
  | 'newer-schema';

/** The database cannot be used, for a reason the operator has to remove; the message says what to do. */
export class DatabaseStartError extends Error {
  override readonly name = 'DatabaseStartError';
  readonly reason: DatabaseStartReason;

  constructor(reason: DatabaseStartReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}
