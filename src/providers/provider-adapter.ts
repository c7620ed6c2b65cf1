import type { CancelSignal } from '../core/cancellation.js';
import type { ChatEvent } from '../core/chat/chat-event.js';
import type { ChatRequest } from '../core/chat/chat-request.js';
import type { EmbeddingRequest, EmbeddingResult } from '../core/embedding/embedding-request.js';
import type {
  ImageRequest,
  ModerationRequest,
  SpeechRequest,
  TranscriptionRequest,
} from '../core/media/media-request.js';
import type { RerankRequest, RerankResult } from '../core/rerank/rerank-request.js';
import type { AttemptSpan } from '../core/telemetry/call-trace.js';
import type { TimeoutConfig } from '../config/gateway-config.js';
import type { CatalogEntry } from './catalog/catalog-entry.js';
import type { MediaReply } from './media/media-reply.js';

/** What the transport tells of a request on its way: the bill of one that never answers depends on it. */
export interface RequestProgress {
  /** There is a connection, and the request goes out on it. */
  sent(): void;
  /** The provider answered with a head, or anything else. */
  responded(): void;
  /** The request's span; null while tracing is off. */
  readonly span?: AttemptSpan | null;
}

/** What an adapter is told about the one request it makes. */
export interface AttemptContext {
  /** The id of the call, for the provider's own logs. */
  readonly callId: string;
  /** Fires when this attempt must end: client gone, a timer of ours, a lost race. The adapter closes its socket then. */
  readonly signal: CancelSignal;
  /** The credential to use; null for providers that need none. */
  readonly apiKey: string | null;
  readonly timeouts: TimeoutConfig;
  /** The most tokens the model can write in one answer; null when the catalogue does not know. */
  readonly maxOutputTokens: number | null;
  /** What is known about the model; null or absent when nothing is. */
  readonly catalogEntry?: Pick<CatalogEntry, 'kind' | 'capabilities'> | null;
  /** Goes along with every request to the transport; absent where nobody wants to know. */
  readonly progress?: RequestProgress;
  /** True where nothing may be left to say: then an answer without content is a whole one. */
  readonly mayBeEmpty?: boolean;
  /** A parameter could not be carried to this provider. */
  warn(message: string): void;
  /** A malformed stream event was skipped. More than three in one stream is a `malformed` error. */
  skipped(): void;
  /** The provider reported a usage that cannot be meant; the adapter passes none on, and it is counted here instead. */
  implausibleUsage(): void;
}

/**
 * How a model is brought to answer in JSON: the provider holds it to the form, or the arguments of a function that it has to
 * call are the answer, or it is told.
 */
export type OutputForm = 'native' | 'tool' | 'instruction';

/** The model that is asked, by the provider's own name; what nobody knows about it is null. */
export interface AskedTarget {
  readonly model: string;
  readonly catalogEntry: Pick<CatalogEntry, 'kind'> | null;
}

/**
 * One provider. A capability is there when its method is. An adapter has no state but its client, never retries, and
 * throws only ProviderError (also from the iterator). Its timers: connect, response head and body; first content, idle
 * between events and total belong to the attempt that drives it, through the signal.
 * The iterator's `return()` closes the socket. `chat` starts its request on the first `next()`.
 */
export interface ProviderAdapter {
  chat?(model: string, request: ChatRequest, attempt: AttemptContext): AsyncIterable<ChatEvent>;
  /** Whether a prompt may come as the numbers of tokens, at models that `refusalOf` does not leave out. */
  readonly readsTokens?: boolean;
  /** Why the model cannot answer such a chat request, in words for the client; null when it may. */
  refusalOf?(request: ChatRequest, target: AskedTarget): { message: string; param: string } | null;
  /** How the model is best asked for the request's form, which is JSON of some kind; `native` where it is missing. */
  outputForm?(model: string, request: ChatRequest): OutputForm;
  /** The prompt tokens of a chat request by the provider's own count. */
  countTokens?(model: string, request: ChatRequest, attempt: AttemptContext): Promise<number>;
  embed?(model: string, request: EmbeddingRequest, attempt: AttemptContext): Promise<EmbeddingResult>;
  rerank?(model: string, request: RerankRequest, attempt: AttemptContext): Promise<RerankResult>;
  /** Of these, an answer that is whole was checked to be one; pieces still on their way come as they are. */
  image?(model: string, request: ImageRequest, attempt: AttemptContext): Promise<MediaReply>;
  speak?(model: string, request: SpeechRequest, attempt: AttemptContext): Promise<MediaReply>;
  transcribe?(model: string, request: TranscriptionRequest, attempt: AttemptContext): Promise<MediaReply>;
  moderate?(model: string, request: ModerationRequest, attempt: AttemptContext): Promise<MediaReply>;
}
