import type { TokenUsage } from '../../core/chat/token-usage.js';
import type { SseFrame } from '../../core/sse-frame.js';

/** What is still on its way from a provider. Rejects with ProviderError only. */
export interface MediaSource<T> {
  /** The next piece; null once the answer is over and whole. */
  next(): Promise<T | null>;
  /** Closes the connection. */
  close(): void;
  /** What the provider has reported so far; null when it said nothing. */
  readonly usage: TokenUsage | null;
}

/** What an adapter gives for a request for images, sound or judgements. */
export type MediaReply =
  | {
      readonly type: 'whole';
      readonly contentType: string;
      /** The body as it came. */
      readonly text: string;
      /** Null when the provider did not say. */
      readonly usage: TokenUsage | null;
    }
  | { readonly type: 'bytes'; readonly contentType: string; readonly source: MediaSource<Uint8Array> }
  | { readonly type: 'events'; readonly source: MediaSource<SseFrame> };
