import type { TokenUsage } from '../../../core/chat/token-usage.js';
import type { JsonObject } from '../../../core/json.js';
import type {
  ImageRequest,
  ModerationRequest,
  SpeechRequest,
  TranscriptionRequest,
} from '../../../core/media/media-request.js';
import type { ProviderConfig } from '../../../config/gateway-config.js';
import type { MediaReply } from '../../media/media-reply.js';
import type { AttemptContext, ProviderAdapter } from '../../provider-adapter.js';
import { ProviderError } from '../../provider-error.js';
import { endpoint, mergeHeaders } from '../../transport/endpoint.js';
import { type HttpResponse, mediaTypeOf } from '../../transport/http-response.js';
import type { HttpTransport } from '../../transport/http-transport.js';
import { toProviderError } from '../../transport/upstream-failure.js';
import { isFailure, readFailureFrame } from '../openai/read-failure.js';
import { createEndpoint, type OpenAiEndpoint } from '../openai/openai-endpoint.js';
import { OpenAiProtocol } from '../openai/openai-protocol.js';
import { withoutReserved } from '../openai/without-reserved.js';
import { type MediaExchange, readWholeText, sendMedia, toJsonObject } from './media-exchange.js';
import { BytesSource, EventsSource } from './media-source.js';
import { multipartBody } from './multipart-body.js';
import { readImageUsage, readSpeechUsage, readTranscriptUsage } from './read-usage.js';
import { isJsonFormat, readImages, readModeration, readTranscript, type Understood } from './read-whole.js';

type MediaMethods = Required<Pick<ProviderAdapter, 'image' | 'speak' | 'transcribe'>> &
  Pick<ProviderAdapter, 'moderate'>;

/** The events of a stream: what ends it, and what that says was used. */
interface Events {
  readonly terminal: string;
  readonly answers: number;
  readUsage(event: JsonObject): Understood;
}

const JSON_TYPE = 'application/json';

/** What OpenAI, Azure, and servers that speak like them do besides chat and embeddings. Requests and answers go on as they came. */
export function openAiMedia(config: ProviderConfig, transport: HttpTransport): MediaMethods {
  const client = new MediaClient(config, transport);
  return {
    image: (model, request, attempt) => client.image(model, request, attempt),
    speak: (model, request, attempt) => client.speak(model, request, attempt),
    transcribe: (model, request, attempt) => client.transcribe(model, request, attempt),
    // Azure has a service of its own for it, with another interface.
    ...(config.azure === null && {
      moderate: (model: string, request: ModerationRequest, attempt: AttemptContext) =>
        client.moderate(model, request, attempt),
    }),
  };
}

class MediaClient {
  readonly #config: ProviderConfig;
  readonly #transport: HttpTransport;
  readonly #endpoint: OpenAiEndpoint;

  constructor(config: ProviderConfig, transport: HttpTransport) {
    this.#config = config;
    this.#transport = transport;
    this.#endpoint = createEndpoint(config);
  }

  async image(model: string, request: ImageRequest, attempt: AttemptContext): Promise<MediaReply> {
    const events = {
      terminal: 'image_generation.completed',
      answers: request.count,
      readUsage: (event: JsonObject) => withImage(readImageUsage(event.usage)),
    };
    const response = await this.#postJson('/images/generations', model, request, attempt);
    return request.isStream && isEvents(response)
      ? this.#events(response, events, attempt)
      : this.#whole(response, readImages, attempt);
  }

  async speak(model: string, request: SpeechRequest, attempt: AttemptContext): Promise<MediaReply> {
    const response = await this.#postJson('/audio/speech', model, request, attempt);
    if (request.isStream && isEvents(response)) {
      const readUsage = (event: JsonObject): Understood => readSpeechUsage(event.usage);
      return this.#events(response, { terminal: 'speech.audio.done', answers: 1, readUsage }, attempt);
    }
    const contentType = mediaTypeOf(response.headers) ?? 'application/octet-stream';
    // An error may come as a 200, and is no sound.
    if (contentType === JSON_TYPE) return this.#whole(response, refuseJson, attempt);
    return { type: 'bytes', contentType, source: new BytesSource(response.body, this.#transport.limits) };
  }

  async transcribe(model: string, request: TranscriptionRequest, attempt: AttemptContext): Promise<MediaReply> {
    const fields = request.fields.map(([name, value]): [string, string] => [name, name === 'model' ? model : value]);
    const { contentType, contentLength, stream } = multipartBody(this.#allowed(fields, attempt), request.file);
    const response = await sendMedia(this.#transport, {
      ...this.#head('/audio/transcriptions', model, request.isStream, attempt),
      ...{ body: stream, contentType, contentLength },
    });
    if (request.isStream && isEvents(response)) {
      const readUsage = (event: JsonObject): Understood => readTranscriptUsage(event.usage);
      return this.#events(response, { terminal: 'transcript.text.done', answers: 1, readUsage }, attempt);
    }
    return isJsonFormat(request.format)
      ? this.#whole(response, readTranscript, attempt)
      : this.#text(response, attempt);
  }

  async moderate(model: string, request: ModerationRequest, attempt: AttemptContext): Promise<MediaReply> {
    const plain = { body: request.body, isStream: false };
    return this.#whole(await this.#postJson('/moderations', model, plain, attempt), readModeration, attempt);
  }

  #postJson(
    path: string,
    model: string,
    { body, isStream }: { body: JsonObject; isStream: boolean },
    attempt: AttemptContext,
  ): Promise<HttpResponse> {
    const allowed = withoutReserved(body, (message) => {
      attempt.warn(message);
    });
    return sendMedia(this.#transport, {
      ...this.#head(path, model, isStream, attempt),
      ...{ body: JSON.stringify({ ...allowed, model }), contentType: JSON_TYPE },
    });
  }

  #head(
    path: string,
    model: string,
    isStream: boolean,
    attempt: AttemptContext,
  ): Omit<MediaExchange, 'body' | 'contentType'> {
    const { apiKey, callId } = attempt;
    const credential = apiKey === null ? {} : this.#endpoint.credential(apiKey);
    const protocol = new OpenAiProtocol(attempt, this.#transport.clock, this.#config.finishReasonOptional);
    return {
      url: endpoint(this.#endpoint.baseUrl(model), path),
      headers: mergeHeaders(
        { 'user-agent': 'trunkline', 'x-client-request-id': callId },
        credential,
        this.#config.headers,
      ),
      accept: isStream ? 'text/event-stream' : '*/*',
      ...{ isStream, attempt },
      readFailure: (status, headers, body) => protocol.readFailure(status, headers, body),
    };
  }

  // As of a JSON body.
  #allowed(fields: [string, string][], attempt: AttemptContext): [string, string][] {
    const kept = withoutReserved(Object.fromEntries(fields), (message) => {
      attempt.warn(message);
    });
    return fields.filter(([name]) => Object.hasOwn(kept, name));
  }

  async #whole(
    response: HttpResponse,
    understand: (body: JsonObject) => Understood,
    attempt: AttemptContext,
  ): Promise<MediaReply> {
    const text = await readWholeText(this.#transport, response, attempt.timeouts.bodyMs);
    const usage = understand(toJsonObject(text, attempt));
    return { type: 'whole', contentType: `${JSON_TYPE}; charset=utf-8`, text, usage: plausible(usage, attempt) };
  }

  async #text(response: HttpResponse, attempt: AttemptContext): Promise<MediaReply> {
    const text = await readWholeText(this.#transport, response, attempt.timeouts.bodyMs);
    if (mediaTypeOf(response.headers) === JSON_TYPE) {
      toJsonObject(text, attempt);
      throw new ProviderError('malformed', 'The provider answered in another form than the one asked for.');
    }
    return { type: 'whole', contentType: 'text/plain; charset=utf-8', text, usage: null };
  }

  #events(response: HttpResponse, events: Events, attempt: AttemptContext): MediaReply {
    const source = new EventsSource(response.body, {
      ...{ terminal: events.terminal, answers: events.answers, limits: this.#transport.limits, attempt },
      readUsage: (event) => plausible(events.readUsage(event), attempt),
      readFailure: (event) =>
        isFailure(event) || event.type === 'error' ? toProviderError(readFailureFrame(event), attempt.apiKey) : null,
    });
    return { type: 'events', source };
  }
}

function isEvents({ headers }: HttpResponse): boolean {
  return mediaTypeOf(headers) === 'text/event-stream';
}

function withImage(usage: Understood): Understood {
  return usage && { ...usage, units: { image: 1 } };
}

function refuseJson(): never {
  throw new ProviderError('malformed', 'The provider answered with something that is no sound.');
}

function plausible(usage: Understood, attempt: AttemptContext): TokenUsage | null {
  if (usage === null) attempt.implausibleUsage();
  return usage ?? null;
}
