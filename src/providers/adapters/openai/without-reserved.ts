import type { JsonObject } from '../../../core/json.js';

/**
 * What no client may say to a provider: where a request goes, with which credential, and which other model may answer it.
 * Gateways behind us would obey.
 */
const RESERVED: readonly string[] = [
  'api_key',
  'api_base',
  'base_url',
  'extra_headers',
  'extra_query',
  'extra_body',
  'models',
  'model_list',
  'fallbacks',
];

/** A client's body without the parameters that are the gateway's own affair; `warn` hears of each. */
export function withoutReserved(body: JsonObject, warn: (message: string) => void): JsonObject {
  const found = RESERVED.filter((name) => body[name] !== undefined);
  if (found.length === 0) return body;
  for (const name of found)
    warn(`The parameter \`${name}\` was dropped: where a request goes is for the gateway to say.`);
  return Object.fromEntries(Object.entries(body).filter(([name]) => !found.includes(name)));
}
