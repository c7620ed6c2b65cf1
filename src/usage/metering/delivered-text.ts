import type { ChatEvent } from '../../core/chat/chat-event.js';
import { countTokens } from '../../tokens/count-tokens.js';

// Enough to know how many characters of this text make a token; a long answer is not kept twice.
const KEPT_UNITS = 32_768;

/** What was delivered of an answer, to be counted when the provider does not say how much it was. */
export class DeliveredText {
  #characters = 0;
  #output = '';
  #reasoning = '';
  #reasoningCharacters = 0;
  #counted: { at: number; tokens: { output: number; reasoning: number } } | null = null;

  /** UTF-16 units of all text so far, reasoning and tool calls included. */
  get characters(): number {
    return this.#characters;
  }

  add(event: ChatEvent): void {
    switch (event.type) {
      case 'text-delta':
      case 'refusal-delta':
        this.#addOutput(event.text);
        return;
      case 'tool-call-start':
        this.#addOutput(event.name);
        return;
      case 'tool-call-delta':
        this.#addOutput(event.argumentsDelta);
        return;
      case 'reasoning-delta':
        this.#characters += event.text.length;
        this.#reasoningCharacters += event.text.length;
        if (this.#reasoning.length < KEPT_UNITS) this.#reasoning += event.text;
        return;
      default:
        return;
    }
  }

  /** Estimated tokens of all that was delivered. */
  tokens(): { output: number; reasoning: number } {
    if (this.#counted?.at !== this.#characters) {
      const output = estimate(this.#output, this.#characters - this.#reasoningCharacters);
      const reasoning = estimate(this.#reasoning, this.#reasoningCharacters);
      this.#counted = { at: this.#characters, tokens: { output, reasoning } };
    }
    return this.#counted.tokens;
  }

  #addOutput(text: string): void {
    this.#characters += text.length;
    if (this.#output.length < KEPT_UNITS) this.#output += text;
  }
}

function estimate(kept: string, characters: number): number {
  return kept === '' ? 0 : Math.round((countTokens(kept) * characters) / kept.length);
}
