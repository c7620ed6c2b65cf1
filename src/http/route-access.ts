import { SetMetadata, type CustomDecorator } from '@nestjs/common';
import type { Scope } from '../core/principal.js';

/** The metadata key under which a route says who may use it. */
export const ROUTE_ACCESS = 'trunkline:route-access';

/**
 * Who may use a route: everybody; any valid key (of the given scope); or, for the scraper, everybody unless the server's
 * configuration reserves it for admin keys. A route that says nothing takes any valid key.
 */
export type RouteAccess = { kind: 'public' } | { kind: 'key'; scope: Scope | null } | { kind: 'metrics' };

/** Says who may use a route or all routes of a controller; the route's own word counts more than its controller's. */
export function Access(access: RouteAccess): CustomDecorator {
  return SetMetadata(ROUTE_ACCESS, access);
}
