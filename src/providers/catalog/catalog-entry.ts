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
}

/** USD for one unit of what is not billed by tokens. */
export interface UnitPrices {
  image?: number;
  audioInputSecond?: number;
  audioOutputSecond?: number;
  character?: number;
}

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
  vendor: 'openai' | 'anthropic' | 'gemini' | 'local' | 'other';
  model: string;
  kind: 'chat' | 'embedding' | 'other';
  contextWindow: number | null;
  maxOutputTokens: number | null;
  /** Length of an embedding model's vectors when none is asked for. */
  dimensions: number | null;
  /** Prices up to `tiers[0].aboveInputTokens`; null when the catalogue does not know them. */
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
