import { ServerResponse } from 'node:http';

const PREPARE = Symbol('prepare');

type WriteHead = (this: ServerResponse, ...parameters: unknown[]) => ServerResponse;

// eslint-disable-next-line @typescript-eslint/unbound-method -- called with the response it belongs to
const writeHead = ServerResponse.prototype.writeHead as WriteHead;

interface Prepared extends ServerResponse {
  [PREPARE]?: (() => void) | undefined;
}

/** Runs `prepare` once, just before the head of the response is written, when headers can still be set. */
export function beforeHead(response: Prepared, prepare: () => void): void {
  response[PREPARE] = prepare;
  response.writeHead = writePreparedHead;
}

// One function for all responses: nothing is made for each of them.
function writePreparedHead(this: Prepared, ...parameters: unknown[]): ServerResponse {
  const prepare = this[PREPARE];
  this[PREPARE] = undefined;
  prepare?.();
  return writeHead.apply(this, parameters);
}
