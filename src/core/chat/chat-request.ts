import type { JsonObject } from '../json.js';
import type { DialectName } from './wire-object.js';

export interface TextPart {
  type: 'text';
  text: string;
}

/** In pixels. */
export interface ImageSize {
  readonly width: number;
  readonly height: number;
}

/** An image as base64, without a data URL's head. */
export interface InlineImage {
  mediaType: string;
  data: string;
}

export interface ImagePart {
  type: 'image';
  /** By URL, for providers that fetch it themselves; `fetched` is what was found there, for those that do not. */
  source: { kind: 'url'; url: string; fetched?: InlineImage } | ({ kind: 'base64' } & InlineImage);
  detail?: 'auto' | 'low' | 'high';
  /** Undefined until somebody has looked. */
  size?: ImageSize;
}

export interface AudioPart {
  type: 'audio';
  data: string;
  format: string;
}

export interface FilePart {
  type: 'file';
  source: { kind: 'id'; fileId: string } | { kind: 'base64'; mediaType: string; data: string };
  filename?: string;
}

/** Whose signature it is: no other vendor can read it, and most refuse it. */
export type SignatureVendor = 'anthropic' | 'gemini' | 'openai';

/** A model's earlier thinking, with the provider's signature where it gave one. */
export interface ReasoningPart {
  type: 'reasoning';
  text: string;
  signature?: string;
  redacted?: string;
  signedBy?: SignatureVendor;
  /** The vendor's own name of the model that signed, where it is known: another one may refuse the signature. */
  model?: string;
}

export interface RefusalPart {
  type: 'refusal';
  text: string;
}

/** A call the model made earlier; `arguments` is the JSON text exactly as the model wrote it. */
export interface ToolCallPart {
  type: 'tool-call';
  id: string;
  name: string;
  arguments: string;
  /** Opaque state that the provider wants back with the call (Gemini's thought signatures). */
  signature?: string;
  signedBy?: SignatureVendor;
}

export type UserPart = TextPart | ImagePart | AudioPart | FilePart;
export type AssistantPart = TextPart | ReasoningPart | RefusalPart | ToolCallPart;

export type ChatMessage =
  | { role: 'system'; content: TextPart[]; name?: string }
  | { role: 'user'; content: UserPart[]; name?: string }
  | { role: 'assistant'; content: AssistantPart[]; name?: string }
  | { role: 'tool'; toolCallId: string; content: (TextPart | ImagePart)[]; isError?: boolean };

/** A function the client offers; `parameters` is a JSON Schema. */
export interface ToolDefinition {
  name: string;
  description?: string;
  parameters?: JsonObject;
  strict?: boolean;
}

export type ToolChoice = { type: 'auto' } | { type: 'none' } | { type: 'required' } | { type: 'tool'; name: string };

export type ResponseFormat =
  | { type: 'text' }
  | { type: 'json-object' }
  | {
      type: 'json-schema';
      name: string;
      schema: JsonObject;
      description?: string;
      strict?: boolean;
      /** Whoever asks checks the answer itself. */
      isCheckedByCaller?: true;
    };

export type ReasoningEffort = 'none' | 'minimal' | 'low' | 'medium' | 'high' | 'xhigh';

/** A numbered source that a model may answer from; `n` counts from 1 and is what a citation names. */
export interface SourceDocument {
  n: number;
  title?: string;
  source: string;
  text: string;
}

/** A chat request in no vendor's words. Undefined means the client did not say. */
export interface ChatRequest {
  /** As the client wrote it: an alias, `provider/model` or a bare name. */
  model: string;
  messages: ChatMessage[];
  /** Picks the wire mode only; every layer sees events either way. */
  stream: boolean;
  maxOutputTokens?: number;
  temperature?: number;
  topP?: number;
  topK?: number;
  stop?: string[];
  seed?: number;
  presencePenalty?: number;
  frequencyPenalty?: number;
  choices?: number;
  logprobs?: boolean;
  topLogprobs?: number;
  logitBias?: Record<string, number>;
  tools?: ToolDefinition[];
  toolChoice?: ToolChoice;
  parallelToolCalls?: boolean;
  responseFormat?: ResponseFormat;
  reasoning?: {
    effort?: ReasoningEffort;
    budgetTokens?: number;
    /** How much of its thinking is to be told, where the vendor tells only a summary. */
    summary?: 'auto' | 'concise' | 'detailed';
  };
  user?: string;
  /** Numbered sources for models that take them (`local/extractive` answers from them). */
  documents?: SourceDocument[];
  /** The body this was parsed from; an adapter of the same dialect sends it on with only the owned fields replaced. */
  source?: {
    dialect: DialectName;
    body: JsonObject;
    /** What the client turned on beside the body (`anthropic-beta`), for providers of the same dialect. */
    betas?: readonly string[];
  };
  /** Where there is no such body any more: how many messages, from the first, the client did not send with the request. */
  earlierMessages?: number;
  /** Addresses of servers that the vendor itself is to call, each with the parameter that it came in. */
  serverUrls?: readonly { url: string; param: string }[];
  /** Parameters of the source dialect that the canonical model does not know; lost across dialects, with a warning. */
  extraParameters?: string[];
}
