import type { SignatureVendor } from './chat-request.js';
import type { TokenUsage } from './token-usage.js';
import type { WireObject } from './wire-object.js';

/** Why a choice ended, in our words; `rawFinishReason` keeps the provider's. */
export type FinishReason = 'stop' | 'length' | 'tool-calls' | 'content-filter' | 'other';

/** A log probability entry in OpenAI's shape, relayed as it came. */
export type LogprobEntry = unknown;

/** One step of an answer. Failures are thrown by the iterator and are never events. */
export type ChatEvent = { wire?: WireObject } & (
  | {
      type: 'response-start';
      id: string;
      model: string;
      createdAt?: number;
      /** The request's form was asked for where nobody enforces it: what follows may be anything. */
      isFormEmulated?: true;
    }
  | { type: 'warning'; message: string }
  | { type: 'text-delta'; choice: number; text: string; logprobs?: LogprobEntry[] }
  | { type: 'refusal-delta'; choice: number; text: string }
  | {
      type: 'reasoning-delta';
      choice: number;
      text: string;
      signature?: string;
      redacted?: string;
      signedBy?: SignatureVendor;
    }
  | {
      type: 'tool-call-start';
      choice: number;
      index: number;
      id: string;
      name: string;
      signature?: string;
      signedBy?: SignatureVendor;
    }
  | { type: 'tool-call-delta'; choice: number; index: number; argumentsDelta: string }
  /** A tool that the gateway ran itself for the call of this id; what the model is told of it. */
  | { type: 'tool-result'; id: string; name: string; content: string; isError: boolean }
  | {
      type: 'finish';
      choice: number;
      finishReason: FinishReason;
      rawFinishReason?: string;
      /** The stop sequence that the model wrote, where the provider tells. */
      stopSequence?: string;
    }
  | { type: 'usage'; usage: TokenUsage }
  /** Carries a wire object that means nothing to us; only a renderer of the same dialect relays it. */
  | { type: 'passthrough' }
);

/** Tells whether an event is content: the point from which no silent retry or fallback is possible. */
export function isContent(event: ChatEvent): boolean {
  switch (event.type) {
    case 'text-delta':
    case 'refusal-delta':
      return event.text !== '';
    case 'reasoning-delta':
      return event.text !== '' || event.redacted !== undefined;
    case 'tool-call-start':
      return true;
    default:
      return false;
  }
}
