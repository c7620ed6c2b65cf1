/** Who sums up what of a conversation has no room in a model's window any more. */
export interface SummaryConfig {
  /** An alias or provider/model. */
  readonly model: string;
  /** Tokens of a summary at most. */
  readonly maxTokens: number;
  /** Milliseconds that an answer waits for one; then it goes on without. */
  readonly maxWaitMs: number;
}

/** What is kept of conversations. */
export interface ConversationsConfig {
  readonly maxMessages: number;
  /** Of one message, as JSON. */
  readonly maxMessageBytes: number;
  /** Null sums up nothing: what has no room is not told to the model. */
  readonly summary: SummaryConfig | null;
}
