import type { TokenUsage } from '../chat/token-usage.js';
import type { DialectName, WireObject } from '../chat/wire-object.js';
import type { JsonObject } from '../json.js';

/** A text, or a text already cut into a model's token numbers. */
export type EmbeddingInput = string | number[];

export interface EmbeddingRequest {
  /** As the client wrote it: an alias, `provider/model` or a bare name. */
  model: string;
  inputs: EmbeddingInput[];
  dimensions?: number;
  user?: string;
  /** Which side of a search the texts stand on, for models that tell them apart. */
  purpose?: 'query' | 'document';
  /** Weight of each word (lower case) for models that take them; a word that is missing weighs 1. */
  termWeights?: ReadonlyMap<string, number>;
  source?: { dialect: DialectName; body: JsonObject };
}

export interface EmbeddingResult {
  /** The provider's own name of the model that answered. */
  model: string;
  /** One vector per input, in the order of the inputs, all of one length, every number finite. */
  vectors: Float32Array[];
  usage: TokenUsage;
  warnings: string[];
  /** The reply all of this was read from. A usage that is marked as estimated is not in it. */
  wire?: WireObject;
}
