import type { ProviderType } from '../../config/gateway-config.js';

/** By how much a vendor's count of a prompt may exceed ours, which is that of OpenAI's tokenizer. */
interface Margin {
  readonly factor: number;
  /** What the vendor writes around a prompt: its template, and one of its own for tools. */
  readonly frameTokens: number;
  readonly toolsTokens: number;
}

const EXACT: Margin = { factor: 1, frameTokens: 0, toolsTokens: 0 };
const MARGINS: Readonly<Record<ProviderType, Margin>> = {
  openai: EXACT,
  'azure-openai': EXACT,
  // Runs here, and costs nothing.
  local: EXACT,
  // Open models have smaller vocabularies, and templates that begin with a system prompt of theirs.
  'openai-compatible': { factor: 1.35, frameTokens: 64, toolsTokens: 512 },
  // The newest of its tokenizers makes up to 1.35 times as much of a text as the one before it, which makes 1.2 times ours.
  anthropic: { factor: 1.75, frameTokens: 32, toolsTokens: 1_024 },
  gemini: { factor: 1.35, frameTokens: 32, toolsTokens: 256 },
  vertex: { factor: 1.35, frameTokens: 32, toolsTokens: 256 },
  // Bills by search, which is counted as it will be.
  cohere: EXACT,
  jina: { factor: 1.35, frameTokens: 0, toolsTokens: 0 },
  voyage: { factor: 1.35, frameTokens: 0, toolsTokens: 0 },
};

/** The most tokens that a chat prompt which we count as `tokens` is taken to be for a vendor. */
export function boundPrompt(tokens: number, vendor: ProviderType, hasTools: boolean): number {
  const { factor, frameTokens, toolsTokens } = MARGINS[vendor];
  return Math.ceil(tokens * factor) + frameTokens + (hasTools ? toolsTokens : 0);
}

/** The same of the inputs of an embedding request, which nobody frames. */
export function boundInputs(tokens: number, vendor: ProviderType): number {
  return Math.ceil(tokens * MARGINS[vendor].factor);
}
