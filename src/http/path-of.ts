import type { IncomingMessage } from 'node:http';

// A proxy's form of the request line, `GET http://host/path`, means the same as `GET /path`.
const ORIGIN = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i;

/** The path of a request without origin and query, as the router matches it. */
export function pathOf(request: IncomingMessage & { originalUrl?: string }): string {
  const target = (request.originalUrl ?? request.url ?? '/').replace(ORIGIN, '');
  const path = target.split(/[?#]/, 1)[0] ?? '';
  return path === '' ? '/' : path;
}
