import type { IncomingMessage } from 'node:http';
import type { CallContext } from '../core/call-context.js';

const CALL = Symbol('call');

interface CarriesCall {
  [CALL]?: CallContext;
}

/** Ties the call to its request; the first middleware does this once. */
export function attachCall(request: IncomingMessage, call: CallContext): void {
  (request as CarriesCall)[CALL] = call;
}

/** The call of a request. Throws when the request did not come through CallContextMiddleware. */
export function callOf(request: IncomingMessage): CallContext {
  const call = (request as CarriesCall)[CALL];
  if (!call) throw new Error('The request has no call: CallContextMiddleware is not the first middleware.');
  return call;
}
