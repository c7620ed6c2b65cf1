import type { ProviderConfig } from '../../src/config/gateway-config.js';
import { isJsonObject, type JsonObject } from '../../src/core/json.js';
import { DomainEvents } from '../../src/core/domain-events.js';
import { createAdapter } from '../../src/providers/adapters/adapter-factories.js';
import type { CatalogEntry } from '../../src/providers/catalog/catalog-entry.js';
import { createProviderRegistry } from '../../src/providers/create-provider-registry.js';
import { ProviderError } from '../../src/providers/provider-error.js';
import type { ProviderRegistry } from '../../src/providers/provider-registry.js';
import { ProviderWatch } from '../../src/providers/provider-watch.js';
import type { ByteSource } from '../../src/providers/transport/byte-source.js';
import type { HttpResponse } from '../../src/providers/transport/http-response.js';
import type { HttpRequest, HttpTransport } from '../../src/providers/transport/http-transport.js';
import { TRANSPORT_LIMITS } from '../../src/providers/transport/transport-limits.js';
import { renderEvents } from '../fakes/anthropic/render-message.js';
import { type Frame, frameText } from '../fakes/frame.js';
import { renderResponses } from '../fakes/gemini/render-response.js';
import { renderChunks } from '../fakes/openai/render-chat.js';
import { completeReply, contentText, type ScriptedReply } from '../fakes/scripted-reply.js';
import { FakeClock } from './fake-clock.js';
import { modelConfig, providerConfig, RecordingTelemetry } from './scripted-providers.js';

export const FAMILIES = ['openai', 'anthropic', 'gemini', 'openai-compatible'] as const;
export type Family = (typeof FAMILIES)[number];

/** One message of a request, in no vendor's words. */
export interface AskedMessage {
  role: 'user' | 'assistant';
  text: string;
}

/** What a provider was asked. */
export interface Asked {
  readonly body: JsonObject;
  readonly messages: readonly AskedMessage[];
  /** The output limit that came with it; null without one. */
  readonly limit: number | null;
}

/** How a stream ends early: `frames` of it arrive, and then this. */
export interface Break {
  readonly frames: number;
  readonly how: 'end' | 'reset' | 'stall';
}

/** What a provider does with a request: answers, wholly or in part, or refuses with a status. */
export type WireReply = { reply: ScriptedReply; break?: Break } | { status: number; message: string };

/**
 * A provider behind its real adapter, without a network: it gets the bodies that the adapter would send, and what it says
 * is read from the vendor's own bytes.
 */
export class WireProvider {
  readonly asked: Asked[] = [];
  /** How many frames the last stream would have had. */
  frameCount = 0;

  constructor(
    readonly family: Family,
    private readonly clock: FakeClock,
    public answer: (asked: Asked, count: number) => WireReply,
  ) {}

  /** Stands in for the transport. */
  get transport(): HttpTransport {
    const stub = {
      clock: this.clock,
      limits: TRANSPORT_LIMITS,
      request: (request: HttpRequest) => Promise.resolve(this.#respond(request)),
      readFailure: async ({ body }: HttpResponse) => Buffer.from((await body.read()) ?? []).toString(),
    };
    return stub as unknown as HttpTransport;
  }

  #respond(request: HttpRequest): HttpResponse {
    request.progress?.sent();
    const body = JSON.parse(request.body as string) as JsonObject;
    const asked = { body, messages: messagesOf(this.family, body), limit: limitOf(this.family, body) };
    this.asked.push(asked);
    const reply = this.answer(asked, this.asked.length);
    if ('status' in reply) {
      const error = { message: reply.message, type: 'invalid_request_error', param: null, code: null };
      const failure = Buffer.from(JSON.stringify({ type: 'error', error }));
      return { status: reply.status, headers: { 'content-type': 'application/json' }, body: sourceOf([failure]) };
    }
    const frames = framesOf(this.family, reply.reply, asked);
    this.frameCount = frames.length;
    const source = sourceOf(
      frames.map((frame) => Buffer.from(frameText(frame))),
      reply.break,
    );
    for (const signal of request.signals) {
      signal.addEventListener('abort', () => {
        source.destroy();
      });
    }
    return { status: 200, headers: { 'content-type': 'text/event-stream' }, body: source };
  }
}

function framesOf(family: Family, script: ScriptedReply, { messages }: Asked): Frame[] {
  const text = messages.map((message) => message.text).join(' ');
  const reply = completeReply(script, { text, last: text });
  switch (family) {
    case 'anthropic':
      return renderEvents(reply, { id: 'msg_wire', model: 'claude-wire' });
    case 'gemini':
      return renderResponses(reply, { responseId: 'wire', modelVersion: 'gemini-wire' }, 1);
    default: {
      const envelope = { id: `chatcmpl-${family}`, created: 1_767_225_600, model: `${family}-wire` };
      return renderChunks(reply, envelope, { choices: 1, includeUsage: true });
    }
  }
}

function messagesOf(family: Family, body: JsonObject): AskedMessage[] {
  const list = family === 'gemini' ? body.contents : body.messages;
  return (Array.isArray(list) ? list : []).filter(isJsonObject).map((message) => ({
    role: message.role === 'assistant' || message.role === 'model' ? 'assistant' : 'user',
    text: contentText(family === 'gemini' ? message.parts : message.content),
  }));
}

function limitOf(family: Family, body: JsonObject): number | null {
  const config = family === 'gemini' && isJsonObject(body.generationConfig) ? body.generationConfig : body;
  const limit = config.maxOutputTokens ?? config.max_completion_tokens ?? config.max_tokens;
  return typeof limit === 'number' ? limit : null;
}

function sourceOf(pieces: readonly Uint8Array[], broken?: Break): ByteSource {
  let next = 0;
  let reject: ((error: Error) => void) | null = null;
  let isDestroyed = false;
  const aborted = new ProviderError('aborted', 'The request was cancelled.');
  return {
    read: () => {
      if (isDestroyed) return Promise.reject(aborted);
      if (next !== broken?.frames) return Promise.resolve(pieces[next++] ?? null);
      if (broken.how === 'end') return Promise.resolve(null);
      if (broken.how === 'reset') return Promise.reject(new ProviderError('interrupted', 'The connection broke.'));
      return new Promise((_resolve, refuse) => (reject = refuse));
    },
    destroy: () => {
      isDestroyed = true;
      reject?.(aborted);
    },
    release: () => undefined,
  };
}

export interface WireWorld {
  readonly clock: FakeClock;
  readonly registry: ProviderRegistry;
  readonly telemetry: RecordingTelemetry;
  /** By the order of the model's targets. */
  readonly providers: readonly WireProvider[];
}

export interface WireTarget {
  readonly family: Family;
  readonly model: string;
  readonly answer: WireProvider['answer'];
}

/** A registry over the real adapters whose model `m` has these targets, and goes on with streams that break. */
export function createWireWorld(
  targets: readonly WireTarget[],
  options: { catalog?: readonly CatalogEntry[]; onStreamFailure?: 'error' | 'continue'; instruction?: string } = {},
): WireWorld {
  const clock = new FakeClock();
  const telemetry = new RecordingTelemetry();
  const providers = targets.map(({ family, answer }) => new WireProvider(family, clock, answer));
  const configs = targets.map(({ family }, index): ProviderConfig => {
    const baseUrl = `http://wire-${String(index)}.invalid${family.startsWith('openai') ? '/v1' : ''}`;
    return providerConfig({ name: `p${String(index)}`, type: family, baseUrl, apiKeys: ['sk-wire'] });
  });
  const names = targets.map(({ model }, index) => `p${String(index)}/${model}`);
  const continuation = { instruction: options.instruction ?? INSTRUCTION };
  const catalog = options.catalog ?? [];
  const registry = createProviderRegistry({
    config: {
      providers: configs,
      models: [modelConfig('m', names, { continuation: options.onStreamFailure === 'error' ? null : continuation })],
      prices: {},
    },
    catalog: { find: (_type, model) => catalog.find((entry) => entry.model === model) ?? null, list: () => [] },
    clock,
    watch: new ProviderWatch(telemetry, new DomainEvents()),
    createAdapter: (config) => {
      const provider = providers[configs.indexOf(config)];
      if (!provider) throw new Error(`Nobody plays ${config.name}.`);
      return createAdapter(config, provider.transport);
    },
    random: () => 0.5,
  });
  return { clock, registry, telemetry, providers };
}

export const INSTRUCTION = 'Weiter, genau wo es aufhört.';
