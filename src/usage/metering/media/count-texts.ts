import type { ProviderType } from '../../../config/gateway-config.js';
import { countEmbeddingTokens } from '../../../tokens/count-tokens.js';
import { boundInputs } from '../prompt-margin.js';

/** Tokens of the texts of a request; each number is counted once, when somebody asks. */
export class TextTokens {
  readonly #texts: readonly string[];
  #counted: number | null = null;

  constructor(texts: readonly string[]) {
    this.#texts = texts;
  }

  get count(): number {
    this.#counted ??= countEmbeddingTokens({ model: '', inputs: [...this.#texts] });
    return this.#counted;
  }

  /** The most that a vendor may count them to. */
  mostAt(type: ProviderType): number {
    return boundInputs(this.count, type);
  }
}
