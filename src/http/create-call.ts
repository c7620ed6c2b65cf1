import type { IncomingMessage } from 'node:http';
import { readCacheWish } from '../core/cache-wish.js';
import { CallContext } from '../core/call-context.js';
import type { Clock } from '../core/clock.js';
import { newId } from '../core/ids.js';
import { pathOf } from './path-of.js';
import { surfaceOf } from './surface-of.js';

const REQUEST_ID = /^[A-Za-z0-9_-]{1,128}$/;
const TIMEOUT = /^[1-9]\d{0,8}$/;
const MAX_TAGS = 16;
const TAG = /^[A-Za-z0-9_.:/-]{1,64}$/;

/** The call of a request as its headers describe it; header values that are not valid are ignored. */
export function createCall(request: IncomingMessage, clock: Clock, id = requestIdOf(request)): CallContext {
  const { headers } = request;
  return new CallContext({
    id,
    surface: surfaceOf(pathOf(request), headers['anthropic-version'] !== undefined),
    receivedAt: clock.now(),
    deadline: readDeadline(headers['x-trunkline-timeout-ms'], clock),
    tags: readTags(headers['x-trunkline-tags']),
    cacheWish: readCacheWish(headers['cache-control'], headers['x-trunkline-cache-ttl']),
  });
}

function requestIdOf({ headers }: IncomingMessage): string {
  const id = headers['x-request-id'];
  return typeof id === 'string' && REQUEST_ID.test(id) ? id : newId('req_');
}

function readDeadline(header: string | string[] | undefined, clock: Clock): number {
  return typeof header === 'string' && TIMEOUT.test(header) ? clock.monotonic() + Number(header) : Infinity;
}

function readTags(header: string | string[] | undefined): string[] {
  if (typeof header !== 'string') return [];
  const tags = header.split(',').map((tag) => tag.trim());
  return [...new Set(tags)].filter((tag) => TAG.test(tag)).slice(0, MAX_TAGS);
}
