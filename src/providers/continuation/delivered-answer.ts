import type { ChatEvent } from '../../core/chat/chat-event.js';

/** What the client already has of an answer that may have to be continued: its text, and whether anything forbids that. */
export class DeliveredAnswer {
  #text = '';
  #hasFinished = false;
  #isThinking = false;
  #isFinal = false;

  get text(): string {
    return this.#text;
  }

  /** True once the client has the end: then nothing is missing but the usage. */
  get hasFinished(): boolean {
    return this.#hasFinished;
  }

  /**
   * Whether somebody else can write the rest: not of a tool call, which must neither be split nor repeated, not of a
   * refusal, and not of thinking that `signs` says would have ended with a signature.
   */
  canGoOn(signs: boolean): boolean {
    return !this.#isFinal && !this.#hasFinished && !(signs && this.#isThinking);
  }

  note(event: ChatEvent): void {
    switch (event.type) {
      case 'text-delta':
        this.#text += event.text;
        if (event.text !== '') this.#isThinking = false;
        return;
      case 'reasoning-delta':
        this.#isThinking = event.signature === undefined && event.redacted === undefined;
        return;
      case 'tool-call-start':
      case 'tool-call-delta':
      case 'refusal-delta':
        this.#isFinal = true;
        return;
      case 'finish':
        this.#hasFinished = true;
        return;
      default:
        return;
    }
  }
}
