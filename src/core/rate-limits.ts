/** What is left of a limit of the minute. */
export interface RateLimitWindow {
  readonly limit: number;
  readonly remaining: number;
  /** Milliseconds until all of it is there again. */
  readonly resetMs: number;
}

/** The tightest limits of the minute that a call met; null where there is none. */
export interface RateLimits {
  readonly requests: RateLimitWindow | null;
  readonly tokens: RateLimitWindow | null;
}
