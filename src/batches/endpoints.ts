import type { Scope } from '../core/principal.js';

/** Whose form an answer has. */
export type LineSurface = 'openai' | 'anthropic';

/** What a route asks of those who let a batch call it. */
export interface Endpoint {
  readonly scope: Scope;
  /** Whose form its errors have. */
  readonly surface: LineSurface;
}

/** The routes that a line may name. */
export const ENDPOINTS = {
  '/v1/chat/completions': { scope: 'chat', surface: 'openai' },
  '/v1/completions': { scope: 'chat', surface: 'openai' },
  '/v1/responses': { scope: 'chat', surface: 'openai' },
  '/v1/messages': { scope: 'chat', surface: 'anthropic' },
  '/v1/moderations': { scope: 'chat', surface: 'openai' },
  '/v1/embeddings': { scope: 'embeddings', surface: 'openai' },
} as const satisfies Record<string, Endpoint>;

export type EndpointUrl = keyof typeof ENDPOINTS;

/** All of them, as messages name them. */
export const ENDPOINT_URLS = Object.keys(ENDPOINTS) as EndpointUrl[];

/** Whether a text is one of them; nothing else is, however it may be resolved. */
export function isEndpointUrl(text: string): text is EndpointUrl {
  return Object.hasOwn(ENDPOINTS, text);
}
