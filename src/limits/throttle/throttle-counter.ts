/** How often something happened in a window that begins with the first time. */
export interface ThrottleHit {
  readonly name: string;
  readonly times: number;
  readonly windowMs: number;
  readonly limit: number;
  readonly blockMs: number;
}

/** How the window stands after the hits. */
export interface ThrottleStanding {
  readonly hits: number;
  /** Of the hits that were told, how many were counted: all of them, or none while the name is blocked. */
  readonly counted: number;
  readonly endsInMs: number;
  /** Zero when the name is not blocked. */
  readonly blockedForMs: number;
}

/** Counts hits for all replicas. */
export interface ThrottleCounter {
  /** The hits of several names, each name once; their standings in the same order. */
  count(hits: readonly ThrottleHit[]): Promise<readonly ThrottleStanding[]>;
}
