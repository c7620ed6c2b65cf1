import type { Target } from '../../resilience/target.js';
import type { Candidate } from '../candidate.js';
import type { RoutedRequest } from '../routed-request.js';

/** The whole list of targets in the order of preference, so that failover can go through it. */
export interface RouteOrder {
  readonly targets: readonly Target[];
  /** Why it is so, for the answer's header, where a strategy tells. */
  readonly reason: string | null;
}

/** Orders a model's targets for one request. */
export type RoutingStrategy = (candidates: readonly Candidate[], request: RoutedRequest) => RouteOrder;

/** The order of these candidates, without a reason given. */
export function inOrder(candidates: readonly Candidate[]): RouteOrder {
  return { targets: candidates.map(({ target }) => target), reason: null };
}
