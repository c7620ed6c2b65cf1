import { CallContext } from '../../core/call-context.js';
import type { Principal } from '../../core/principal.js';

const SUFFIX = '-semantic-cache';
const LONGEST_ID = 128;

/**
 * A call of its own for the embedding of a call's question, so that the row of an answer from the cache costs nothing; its
 * row has the request's id with `-semantic-cache` behind it. Both count as one request. End it by `endAsker`.
 */
export function askerOf(call: CallContext): CallContext {
  const { id, surface, receivedAt, deadline, tags, principal } = call;
  const asker = new CallContext({
    id: id.slice(0, LONGEST_ID - SUFFIX.length) + SUFFIX,
    surface,
    receivedAt,
    deadline,
    tags,
    principal: withAllModels(principal),
  });
  asker.rateLimits = call.rateLimits;
  asker.trace = call.trace;
  const leave = (): void => {
    asker.abort(call.signal.reason as Error);
  };
  if (call.signal.aborted) leave();
  else call.signal.addEventListener('abort', leave, { once: true });
  asker.defer(() => {
    call.signal.removeEventListener('abort', leave);
  });
  return asker;
}

/** The embedding came, or nobody waits for it any more. */
export function endAsker(asker: CallContext, call: CallContext): void {
  asker.finish();
  call.rateLimits ??= asker.rateLimits;
}

// The embedding model is the gateway's own choice; nobody gets to see what it says.
function withAllModels(principal: Principal): Principal {
  return principal.models === null ? principal : { ...principal, models: null };
}
