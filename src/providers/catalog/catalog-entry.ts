/** USD per million tokens by token class; a class that is missing costs what its parent (`input`, `output`) does. */
export interface TokenPrices {
  input: number;
  output: number;
  cachedInput?: number;
  cacheWrite5m?: number;
  cacheWrite1h?: number;
  reasoning?: number;
  imageInput?: number;
  audioInput?: number;
  audioOutput?: number;
  imageOutput?: number;
}

/** USD for one unit of what is not billed by tokens. */
export interface UnitPrices {
  /** Of an image whose size and quality have no price of their own. */
  image?: number;
  audioInputSecond?: number;
  audioOutputSecond?: number;
  character?: number;
  search?: number;
  /** Of an image by `SIZE` or `QUALITY SIZE`, such as `1024x1024` and `hd 1024x1792`. */
  images?: Record<string, number>;
}

/**
 * What a model is for. `responses`: it chats by OpenAI's Responses alone; `completion`: it goes on with a text, by OpenAI's
 * old completions; `other`: what no route here serves, or what nobody knows.
 */
export type CatalogKind =
  | 'chat'
  | 'responses'
  | 'completion'
  | 'embedding'
  | 'rerank'
  | 'image'
  | 'speech'
  | 'transcription'
  | 'moderation'
  | 'other';

export interface ModelCapabilities {
  streaming: boolean;
  tools: boolean;
  vision: boolean;
  jsonSchema: boolean;
  reasoning: boolean;
  promptCaching: boolean;
  /** Goes on with an answer that the conversation ends with, sent as any other message. */
  assistantPrefill: boolean;
}

/** What is known about one model of one vendor. */
export interface CatalogEntry {
  vendor: 'openai' | 'anthropic' | 'gemini' | 'cohere' | 'jina' | 'voyage' | 'local' | 'other';
  model: string;
  kind: CatalogKind;
  contextWindow: number | null;
  maxOutputTokens: number | null;
  /** Length of an embedding model's vectors when none is asked for. */
  dimensions: number | null;
  /** Prices up to `tiers[0].aboveInputTokens`; null when the catalogue does not know them, or tokens are not billed. */
  prices: TokenPrices | null;
  /** Dearer prices for the whole request once its input is longer than this, ascending. */
  tiers: { aboveInputTokens: number; prices: TokenPrices }[];
  /** What is billed by other units than tokens. */
  units?: UnitPrices;
  /** The part of the price that the vendor's own batches save, from 0 to 1; the vendor's usual one when absent. */
  batchDiscount?: number;
  /** Prices of the vendor's service tiers (`flex`, `priority`) by name; the standard one is `prices`. */
  serviceTiers?: Record<string, TokenPrices>;
  capabilities: ModelCapabilities;
}
