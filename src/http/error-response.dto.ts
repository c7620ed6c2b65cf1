/** One wrong field of a request. */
export class ErrorDetailDto {
  /** Path of the field, like `messages[0].role`. */
  path!: string;
  /** What is wrong with it. */
  message!: string;
}

/** What went wrong. */
export class ErrorBodyDto {
  /** What is wrong and what to do about it; for people. */
  message!: string;
  /** The class of the error, like `invalid_request_error`. */
  type!: string;
  /** Path of the offending parameter; null when no single one is to blame. */
  param!: string | null;
  /** The exact error, from a closed list; for programs. */
  code!: string | null;
  /** Every wrong field, on native routes. */
  details?: ErrorDetailDto[];
  /** Why an extraction gave no data: `schema_mismatch`, `length`, `refusal` or `content_filter`. */
  reason?: string;
  /** What the model wrote in place of the data. */
  output?: string;
}

/** The body of every error. */
export class ErrorResponse {
  error!: ErrorBodyDto;
}
