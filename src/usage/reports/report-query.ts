/** What a report may be grouped by. `model` and `provider` are who was asked, `requested_model` is the client's name. */
export const DIMENSIONS = ['day', 'project', 'key', 'requested_model', 'provider', 'model', 'tag'] as const;
export type Dimension = (typeof DIMENSIONS)[number];

/** Only what matches these is counted; null counts all. */
export interface ReportFilters {
  readonly projectId: string | null;
  readonly keyId: string | null;
  readonly provider: string | null;
  readonly model: string | null;
}

/** A half-open span of time. Both ends lie on a quarter of an hour: finer sums are not kept. */
export interface ReportRange {
  readonly from: Date;
  readonly to: Date;
  /** An IANA name; days begin at its midnights. */
  readonly timeZone: string;
}

export interface ReportQuery {
  readonly range: ReportRange;
  /** In the order of the columns; empty sums everything up. */
  readonly groupBy: readonly Dimension[];
  readonly filters: ReportFilters;
  readonly limit: number;
  /** The values of the last group of the page before; null on the first page. */
  readonly after: readonly string[] | null;
}

/** What a group adds up to. `costUsd` is exact, and leaves out what has no known price: `unpriced` counts that. */
export interface UsageSums {
  succeeded: number;
  failed: number;
  aborted: number;
  abandoned: number;
  attempts: number;
  /** Attempts whose tokens were counted here, at least in part. */
  estimated: number;
  /** Attempts without a known price. */
  unpriced: number;
  inputTokens: number;
  cachedInputTokens: number;
  cacheWrite5mTokens: number;
  cacheWrite1hTokens: number;
  outputTokens: number;
  reasoningTokens: number;
  imageInputTokens: number;
  audioInputTokens: number;
  audioOutputTokens: number;
  imageOutputTokens: number;
  images: number;
  audioInputSeconds: number;
  audioOutputSeconds: number;
  characters: number;
  searches: number;
  costUsd: string;
}

export interface ReportGroup {
  /** One value for each dimension, in the query's order; empty where there is none (nobody was asked, no tag). */
  readonly values: readonly string[];
  readonly sums: UsageSums;
}

export interface UsageReport {
  /** In the order of their values. */
  readonly groups: readonly ReportGroup[];
  readonly hasMore: boolean;
  /** All groups together, those of other pages too; null by tag, where a request with two tags is in two groups. */
  readonly totals: UsageSums | null;
}
