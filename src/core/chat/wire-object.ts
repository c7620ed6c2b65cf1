import type { ChunkShape } from './chunk-shape.js';

/** The wire formats that Trunkline reads and writes. */
export type DialectName =
  'openai-chat' | 'openai-responses' | 'openai-completions' | 'openai-embeddings' | 'anthropic-messages' | 'native';

/**
 * The object on the wire that an event was read from. Events read from one object are adjacent and share the same
 * reference, so that a renderer of the same dialect can relay it once and whole; a layer that changes an event drops it,
 * unless the change is marked as ours: a renderer puts an estimated usage in place of the one on the wire.
 */
export interface WireObject {
  readonly dialect: DialectName;
  readonly value: unknown;
  /** The JSON that the value was read from, where a renderer may pass it on as it came. */
  readonly text?: string;
  /** There when `text` is the shape with nothing but the event's own text in it. */
  readonly shape?: ChunkShape;
}
