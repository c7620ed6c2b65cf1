/** Where requests go: the same bytes again and again. */
export interface Endpoint {
  readonly port: number;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** What one process of load is asked to do. */
export interface LoadJob {
  readonly endpoint: Endpoint;
  readonly shape: string;
  /** Connections of the closed loop; for the open one, the most there may be at once. */
  readonly connections: number;
  readonly seconds: number;
  readonly warmupSeconds: number;
  /** Requests per second of the open loop; null for the closed one. */
  readonly ratePerSecond: number | null;
  readonly seed: number;
}

/** What came of it; times in milliseconds. */
export interface LoadResult {
  readonly requests: number;
  readonly failures: number;
  /** What was wrong with the first failure. */
  readonly firstFailure: string | null;
  readonly seconds: number;
  readonly latency: Percentiles;
  readonly firstByte: Percentiles;
}

export interface Percentiles {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
}
