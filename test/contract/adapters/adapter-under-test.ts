import { readFileSync } from 'node:fs';
import { SystemClock } from '../../../src/core/clock.js';
import type { ChatEvent, FinishReason } from '../../../src/core/chat/chat-event.js';
import type { ChatRequest } from '../../../src/core/chat/chat-request.js';
import type { JsonObject } from '../../../src/core/json.js';
import type { ProviderConfig, ProviderType, TimeoutConfig } from '../../../src/config/gateway-config.js';
import type { AttemptContext, ProviderAdapter } from '../../../src/providers/provider-adapter.js';
import { ProviderError } from '../../../src/providers/provider-error.js';
import type { ChatProtocol } from '../../../src/providers/transport/chat-protocol.js';
import { HttpTransport } from '../../../src/providers/transport/http-transport.js';
import { TRANSPORT_LIMITS } from '../../../src/providers/transport/transport-limits.js';
import type { Frame } from '../../fakes/frame.js';
import type { CompleteReply } from '../../fakes/scripted-reply.js';
import type { SeenRequest } from './scripted-server.js';

export const CREDENTIAL = 'sk-test-0123456789abcdef';

/** Small enough that an answer which must be refused for its size is quick to send. */
export const SMALL_LIMITS = {
  ...TRANSPORT_LIMITS,
  answerBytes: 200_000,
  streamBytes: 200_000,
  eventCharacters: 100_000,
};

/** One adapter as the shared suites drive it; `adapters.ts` lists them all. */
export interface AdapterUnderTest {
  name: string;
  /** The folder of wire fixtures with the answers `text`, `tools` and `reasoning`, streamed and not. */
  vendor: string;
  /** All folders of wire fixtures whose answers it must understand. */
  folders: readonly string[];
  create: (baseUrl: string, transport: HttpTransport) => ProviderAdapter;
  /** How it reads one answer, without a connection. */
  createProtocol: (attempt: AttemptContext, options: { finishReasonOptional: boolean }) => ChatProtocol;
  /** What it sent: the credential, the model and the wire mode, wherever its vendor wants them. */
  credentialOf: (request: SeenRequest) => string | undefined;
  modelOf: (request: SeenRequest) => unknown;
  isStream: (request: SeenRequest) => boolean;
  /** The answer on the wire, by the vendor's fake. */
  render: (reply: CompleteReply, choices: number) => { frames: Frame[]; body: JsonObject };
  /** Whether the vendor gives several choices in one answer. */
  hasChoices: boolean;
  /** False where no client speaks the vendor's dialect, so that nothing of an answer is kept to be relayed. */
  isRelayed: boolean;
  /** Why an answer ends, where the vendor says the same of a stop and of calls. */
  finishReasonOf?: (reply: CompleteReply) => FinishReason;
}

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
    implausibleUsage: () => undefined,
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
