import { CallContext } from '../../../../src/core/call-context.js';
import type { ChatEvent } from '../../../../src/core/chat/chat-event.js';
import type { ChatRequest } from '../../../../src/core/chat/chat-request.js';
import { DomainEvents } from '../../../../src/core/domain-events.js';
import { parseExactJson } from '../../../../src/core/exact-json.js';
import { AppError } from '../../../../src/core/errors/app-error.js';
import type { JsonObject } from '../../../../src/core/json.js';
import { documentsOf, takesDocumentUrls, withDocuments } from '../../../../src/chat/vision/document-places.js';
import { takesImageUrls } from '../../../../src/chat/vision/takes-image-urls.js';
import { createAdapter } from '../../../../src/providers/adapters/adapter-factories.js';
import { createProviderRegistry } from '../../../../src/providers/create-provider-registry.js';
import type { ProviderAdapter } from '../../../../src/providers/provider-adapter.js';
import { ProviderWatch } from '../../../../src/providers/provider-watch.js';
import type { HttpRequest, HttpTransport } from '../../../../src/providers/transport/http-transport.js';
import { TRANSPORT_LIMITS } from '../../../../src/providers/transport/transport-limits.js';
import { FakeClock } from '../../../support/fake-clock.js';
import { modelConfig, RecordingTelemetry } from '../../../support/scripted-providers.js';
import { drain } from '../adapter-under-test.js';
import type { ClientDialect } from './client-dialects.js';
import { FETCHED, FETCHED_PAPER } from './marks.js';
import type { TranslationTarget } from './translation-targets.js';

/** What became of a request on its way to a provider. */
export interface Translation {
  /** Where it went; null when it went nowhere. */
  readonly path: string | null;
  readonly body: JsonObject | null;
  readonly warnings: readonly string[];
  /** Why it went nowhere, in words for the client. */
  readonly refusal: string | null;
}

/** Sends a body of the dialect to the target, through everything that changes it on the way, and over no network. */
export function translate(dialect: ClientDialect, body: JsonObject, target: TranslationTarget): Promise<Translation> {
  return send(() => dialect.parse({ ...body, model: 'm' }), target);
}

/** Sends the request that `parse` gives, or its refusal. */
export async function send(parse: () => ChatRequest, target: TranslationTarget): Promise<Translation> {
  const sent: HttpRequest[] = [];
  const call = new CallContext({ id: 'req_translation', surface: 'native', receivedAt: 0 });
  let refusal: string | null = null;
  try {
    const request = withFetched(parse(), target);
    const events = await registryOf(target, sent).chat({ ...request, model: 'm' }, call);
    await drain(events);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    refusal = error.message;
  }
  const [first] = sent;
  return {
    path: first ? first.url.pathname.replace('/v1/', '/') : null,
    body: first ? (parseExactJson(first.body as string) as JsonObject) : null,
    warnings: [...new Set(call.warnings)],
    refusal,
  };
}

// The gateway looks at what is named by URL before anything is sent, and fetches what the provider would not.
function withFetched(request: ChatRequest, target: TranslationTarget): ChatRequest {
  if (takesDocumentUrls(target.config.type, request)) return withFetchedImages(request, target);
  const found = documentsOf(request).map(({ part }) => [part, { ...part, source: FETCHED_PAPER }] as const);
  return withFetchedImages(withDocuments(request, new Map(found)), target);
}

function withFetchedImages(request: ChatRequest, { config }: TranslationTarget): ChatRequest {
  if (takesImageUrls(config.type)) return request;
  const messages = request.messages.map((message) => {
    if (message.role !== 'user') return message;
    const content = message.content.map((part) =>
      part.type === 'image' && part.source.kind === 'url'
        ? { ...part, source: { ...part.source, fetched: FETCHED } }
        : part,
    );
    return { ...message, content };
  });
  return { ...request, messages };
}

// Warnings are told with an answer, so there has to be one: JSON, for those that ask for it.
function answering(adapter: ProviderAdapter, sent: readonly HttpRequest[]): ProviderAdapter {
  return {
    refusalOf: (request, target) => adapter.refusalOf?.(request, target) ?? null,
    outputForm: (model, request) => adapter.outputForm?.(model, request) ?? 'native',
    async *chat(model, request, attempt): AsyncIterable<ChatEvent> {
      try {
        for await (const event of adapter.chat?.(model, request, attempt) ?? []) yield event;
      } catch (error) {
        if (sent.length === 0) throw error;
        yield { type: 'response-start', id: 'answer', model };
        yield { type: 'text-delta', choice: 0, text: '{}' };
        yield { type: 'finish', choice: 0, finishReason: 'stop' };
      }
    },
  };
}

function registryOf({ config, model, entry }: TranslationTarget, sent: HttpRequest[]) {
  const clock = new FakeClock();
  const transport = {
    clock,
    limits: TRANSPORT_LIMITS,
    request: (request: HttpRequest) => {
      sent.push(request);
      return Promise.resolve({ status: 400, headers: {}, body: { release: () => undefined } });
    },
    readFailure: () => Promise.resolve('{}'),
  } as unknown as HttpTransport;
  return createProviderRegistry({
    config: { providers: [config], models: [modelConfig('m', [`${config.name}/${model}`])], prices: {} },
    catalog: { find: () => entry, list: () => [] },
    clock,
    watch: new ProviderWatch(new RecordingTelemetry(), new DomainEvents()),
    createAdapter: () => answering(createAdapter(config, transport), sent),
    random: () => 0.5,
  });
}
