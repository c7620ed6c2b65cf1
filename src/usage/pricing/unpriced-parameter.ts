import type { ChatRequest } from '../../core/chat/chat-request.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json.js';
import { asksForAudio, serviceTierOf } from './price-demand.js';
import type { PriceTable } from './price-table.js';

/** What a model's price says of the parameters that are billed besides tokens. */
export type PricedParameters = Pick<PriceTable, 'prices' | 'serviceTiers' | 'origin'>;

// Billed by the search, the page, the session or the hour, or by a factor that no price here knows.
const ALWAYS_UNPRICED = [
  'web_search_options',
  'search_parameters',
  'plugins',
  'mcp_servers',
  'container',
  'inference_geo',
  'speed',
] as const;

// Tools that the client runs itself: they cost their tokens.
const CLIENT_TOOLS: ReadonlySet<string> = new Set([
  ...[
    'function',
    'custom',
    'namespace',
    'tool_search',
    'local_shell',
    'apply_patch',
    'computer',
    'computer_use_preview',
  ],
]);
// The same at Anthropic, whose names carry a date, with the search among tools that nobody bills.
const CLIENT_TOOL_NAMES = /^(?:bash|computer|text_editor|memory|tool_search_tool_(?:bm25|regex))_\d{8}$/;

/**
 * The parameter of the request that costs money at a model of this price without having a price itself, as a client would
 * name it (`tools[1].type`); null when there is none. `local` knows no such parameters.
 */
export function unpricedParameter(
  request: Pick<ChatRequest, 'messages' | 'source'>,
  { prices, serviceTiers, origin }: PricedParameters,
): string | null {
  if (origin === 'local') return null;
  const body = request.source?.body ?? {};
  const tier = serviceTierOf(body.service_tier);
  if (tier !== null && tier !== 'flex' && !Object.hasOwn(serviceTiers, tier)) return 'service_tier';
  if (asksForAudio(body.modalities) && prices.audioOutput === undefined) return 'modalities';
  return (
    ALWAYS_UNPRICED.find((name) => isAsked(body[name])) ??
    unpricedTool(body, '') ??
    unpricedItem(body) ??
    unpricedAudio(request, prices)
  );
}

function isAsked(value: JsonValue | undefined): boolean {
  if (value === undefined || value === null || value === false) return false;
  return Array.isArray(value) ? value.length > 0 : value !== 'standard' && value !== 'global' && value !== 'default';
}

function unpricedTool({ tools }: JsonObject, path: string): string | null {
  if (!Array.isArray(tools)) return null;
  for (const [index, tool] of tools.entries()) {
    if (!isJsonObject(tool)) continue;
    const { type } = tool;
    const here = `${path}tools[${String(index)}]`;
    if (typeof type === 'string' && !CLIENT_TOOLS.has(type) && !CLIENT_TOOL_NAMES.test(type)) return `${here}.type`;
    const inside = type === 'namespace' ? unpricedTool(tool, `${here}.`) : null;
    if (inside !== null) return inside;
  }
  return null;
}

// Items of the Responses API may bring more tools with them.
function unpricedItem({ input }: JsonObject): string | null {
  if (!Array.isArray(input)) return null;
  for (const [index, item] of input.entries()) {
    const found = isJsonObject(item) ? unpricedTool(item, `input[${String(index)}].`) : null;
    if (found !== null) return found;
  }
  return null;
}

// A token of sound costs up to sixteen times one of text: its parent's price would be far too little.
function unpricedAudio({ messages }: Pick<ChatRequest, 'messages'>, prices: PricedParameters['prices']): string | null {
  if (prices.audioInput !== undefined) return null;
  const index = messages.findIndex(({ content }) => content.some((part) => part.type === 'audio'));
  return index < 0 ? null : `messages[${String(index)}].content`;
}
