import type { ChatRequest } from '../../core/chat/chat-request.js';
import { isJsonObject, type JsonValue } from '../../core/json.js';

/** What a request may come to be billed for, as far as that shows before it is sent. */
export interface PriceDemand {
  /** Prompt tokens as counted here. */
  readonly inputTokens: number;
  /** Whether it asks for its prompt to be written to the provider's cache. */
  readonly marksCache: boolean;
  readonly hasImages: boolean;
  readonly hasAudio: boolean;
  /** Whether it asks for an answer in sound. */
  readonly wantsAudio: boolean;
  /** The service tier it names; null for the standard one. */
  readonly serviceTier: string | null;
}

/** Of a request of texts alone, without any wish. */
export function plainDemand(inputTokens: number): PriceDemand {
  return {
    inputTokens,
    marksCache: false,
    hasImages: false,
    hasAudio: false,
    wantsAudio: false,
    serviceTier: null,
  };
}

/** Of a chat request whose prompt was counted to `inputTokens`. */
export function priceDemandOf(request: Pick<ChatRequest, 'messages' | 'source'>, inputTokens: number): PriceDemand {
  const body = request.source?.body ?? {};
  const parts = request.messages.flatMap(({ content }): readonly { type: string }[] => content);
  return {
    inputTokens,
    marksCache: hasCacheMark(body),
    hasImages: parts.some(({ type }) => type === 'image' || type === 'file'),
    hasAudio: parts.some(({ type }) => type === 'audio'),
    wantsAudio: asksForAudio(body.modalities),
    serviceTier: serviceTierOf(body.service_tier),
  };
}

/** Whether `modalities` asks for sound. */
export function asksForAudio(modalities: JsonValue | undefined): boolean {
  return Array.isArray(modalities) && modalities.includes('audio');
}

// Names of tiers that are billed as the standard one is.
const STANDARD_TIERS: ReadonlySet<string> = new Set(['auto', 'default', 'standard', 'standard_only']);

/** The service tier that `service_tier` asks for; null for the standard one. */
export function serviceTierOf(value: JsonValue | undefined): string | null {
  return typeof value === 'string' && !STANDARD_TIERS.has(value) ? value : null;
}

// Marks stand on the request, its messages, their parts, what is in results of tools, and its tools: nowhere deeper.
const MARK_DEPTH = 8;

function hasCacheMark(value: JsonValue, depth = MARK_DEPTH): boolean {
  if (depth === 0) return false;
  if (Array.isArray(value)) return value.some((item) => hasCacheMark(item, depth - 1));
  if (!isJsonObject(value)) return false;
  if (value.cache_control !== undefined && value.cache_control !== null) return true;
  return Object.values(value).some((item) => typeof item === 'object' && hasCacheMark(item, depth - 1));
}
