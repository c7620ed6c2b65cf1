/** How much of an answer is taken before its connection is destroyed. */
export interface TransportLimits {
  /** Bytes of an unstreamed answer, after decompression. */
  readonly answerBytes: number;
  /** Bytes of a whole stream, after decompression; nothing of it is kept, so it may be longer than an answer. */
  readonly streamBytes: number;
  /** Characters of one event of a stream: of a line, and of all its data lines together. */
  readonly eventCharacters: number;
  /** Bytes of the body of a refusal. */
  readonly failureBytes: number;
  /** Bytes of a response head. */
  readonly headBytes: number;
  /** Interim (1xx) answers before the real one. */
  readonly interimAnswers: number;
  /** Bytes held for a slow reader before the connection is paused. */
  readonly bufferedBytes: number;
}

const MEGABYTE = 1024 * 1024;

export const TRANSPORT_LIMITS: TransportLimits = {
  answerBytes: 32 * MEGABYTE,
  streamBytes: 128 * MEGABYTE,
  eventCharacters: 8 * MEGABYTE,
  failureBytes: 64 * 1024,
  headBytes: 32 * 1024,
  interimAnswers: 16,
  bufferedBytes: 256 * 1024,
};
