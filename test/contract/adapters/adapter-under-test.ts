import { readFileSync } from 'node:fs';
import { SystemClock } from '../../../src/core/clock.js';
import type { ChatEvent } from '../../../src/core/chat/chat-event.js';
import type { ChatRequest } from '../../../src/core/chat/chat-request.js';
import type { ProviderConfig, ProviderType, TimeoutConfig } from '../../../src/config/gateway-config.js';
import { AnthropicAdapter } from '../../../src/providers/adapters/anthropic/anthropic-adapter.js';
import { OpenAiAdapter } from '../../../src/providers/adapters/openai/openai-adapter.js';
import type { AttemptContext, ProviderAdapter } from '../../../src/providers/provider-adapter.js';
import { ProviderError } from '../../../src/providers/provider-error.js';
import { HttpTransport } from '../../../src/providers/transport/http-transport.js';
import { TRANSPORT_LIMITS } from '../../../src/providers/transport/transport-limits.js';

export const CREDENTIAL = 'sk-test-0123456789abcdef';

/** Small enough that an answer which must be refused for its size is quick to send. */
export const SMALL_LIMITS = {
  ...TRANSPORT_LIMITS,
  answerBytes: 200_000,
  streamBytes: 200_000,
  eventCharacters: 100_000,
};

export interface AdapterUnderTest {
  name: string;
  vendor: 'openai' | 'anthropic';
  create: (baseUrl: string, transport: HttpTransport) => ProviderAdapter;
}

export const ADAPTERS: AdapterUnderTest[] = [
  {
    name: 'OpenAiAdapter',
    vendor: 'openai',
    create: (url, transport) => new OpenAiAdapter(providerConfig('openai', `${url}/v1`), transport),
  },
  {
    name: 'OpenAiAdapter for a compatible server',
    vendor: 'openai',
    create: (url, transport) => new OpenAiAdapter(providerConfig('openai-compatible', `${url}/v1`), transport),
  },
  {
    name: 'AnthropicAdapter',
    vendor: 'anthropic',
    create: (url, transport) => new AnthropicAdapter(providerConfig('anthropic', url), transport),
  },
];

export function providerConfig(
  type: ProviderType,
  baseUrl: string,
  overrides: Partial<ProviderConfig> = {},
): ProviderConfig {
  return {
    name: type,
    type,
    baseUrl,
    apiKeys: [CREDENTIAL],
    models: [],
    headers: {},
    breaker: { failureRatio: 0.5, minRequests: 10, windowMs: 10_000, openMs: 10_000, probes: 1 },
    finishReasonOptional: false,
    limits: { requestsPerMinute: null, tokensPerMinute: null, concurrency: null },
    queue: { size: 100, waitMs: 10_000 },
    azure: null,
    vertex: null,
    ...overrides,
  };
}

export const TIMEOUTS: TimeoutConfig = {
  connectMs: 2_000,
  firstContentMs: 2_000,
  responseHeadMs: 2_000,
  idleMs: 2_000,
  bodyMs: 2_000,
  totalMs: 10_000,
};

export interface TestAttempt extends AttemptContext {
  readonly warnings: string[];
  readonly skippedEvents: { count: number };
}

export function testAttempt(
  overrides: Partial<Pick<AttemptContext, 'signal' | 'apiKey'>> & { timeouts?: Partial<TimeoutConfig> } = {},
): TestAttempt {
  const warnings: string[] = [];
  const skippedEvents = { count: 0 };
  return {
    callId: 'req_TEST',
    signal: overrides.signal ?? new AbortController().signal,
    apiKey: overrides.apiKey === undefined ? CREDENTIAL : overrides.apiKey,
    timeouts: { ...TIMEOUTS, ...overrides.timeouts },
    warn: (message) => warnings.push(message),
    maxOutputTokens: null,
    skipped: () => {
      skippedEvents.count += 1;
    },
    warnings,
    skippedEvents,
  };
}

export function chatRequest(overrides: Partial<ChatRequest> = {}): ChatRequest {
  return {
    model: 'any',
    stream: true,
    messages: [{ role: 'user', content: [{ type: 'text', text: 'Hello' }] }],
    ...overrides,
  };
}

export function createTransport(limits = SMALL_LIMITS): HttpTransport {
  return new HttpTransport(new SystemClock(), limits);
}

export function fixture(vendor: string, name: string): Buffer {
  return readFileSync(new URL(`../../fixtures/wire/${vendor}/${name}`, import.meta.url));
}

/** All events, and what ended them. */
export async function drain(events: AsyncIterable<ChatEvent>): Promise<{ events: ChatEvent[]; error: unknown }> {
  const seen: ChatEvent[] = [];
  try {
    for await (const event of events) seen.push(event);
    return { events: seen, error: null };
  } catch (error) {
    return { events: seen, error };
  }
}

/** The kind of a ProviderError; anything else is a mistake of the adapter's and shown as it is. */
export function kindOf(error: unknown): unknown {
  return error instanceof ProviderError ? error.kind : error;
}
