import type { EndpointUrl } from '../endpoints.js';

/** One request of a batch as it was sent. */
export interface BatchLine {
  readonly customId: string;
  readonly url: EndpointUrl;
  /** The body as JSON. */
  readonly body: string;
}

/** A line with its place in the batch, counted from 0. */
export interface NumberedLine extends BatchLine {
  readonly ordinal: number;
}

/** What is wrong with a batch, as OpenAI's clients are told it. */
export interface BatchProblem {
  readonly code: string;
  readonly message: string;
  readonly param: string | null;
  /** In the file, counted from 1; null when it is about the whole. */
  readonly line: number | null;
}

export const MOST_LINES = 50_000;
/** A line is in memory whole while it is worked on. */
export const MOST_LINE_BYTES = 8 * 1024 * 1024;
