import type { JsonObject } from '../../core/json.js';

const MOST_NAMED = 50;
const LONGEST_NAME = 64;

// What the canonical request carries, what the gateway answers for itself, and what is looked at one by one.
const KNOWN: ReadonlySet<string> = new Set([
  'model',
  'input',
  'instructions',
  'stream',
  'stream_options',
  'store',
  'background',
  'previous_response_id',
  'conversation',
  'include',
  'tools',
  'tool_choice',
  'parallel_tool_calls',
  'max_output_tokens',
  'max_tool_calls',
  'temperature',
  'top_p',
  'top_logprobs',
  'text',
  'reasoning',
  'truncation',
  'metadata',
  'user',
  'safety_identifier',
  'prompt_cache_key',
  'service_tier',
  'prompt',
]);

/** Parameters that are not known here; null and false say nothing. */
export function otherParameters(body: JsonObject): string[] {
  return Object.keys(body).filter((key) => {
    const value = body[key];
    return !KNOWN.has(key) && value !== null && value !== undefined && value !== false;
  });
}

/** The names as they are told: each becomes a warning, and a body may hold very many. */
export function namedLosses(names: readonly string[]): string[] {
  const first = names.slice(0, MOST_NAMED).map((name) => name.slice(0, LONGEST_NAME));
  return names.length > MOST_NAMED ? [...first, `and ${String(names.length - MOST_NAMED)} more`] : first;
}
