import type { ChatEvent } from '../../core/chat/chat-event.js';
import type { Thought, ToolCallState } from './tool-call-state.js';

/** Hears of each tool call as it begins: its id, and its state or null when the provider wants nothing back. */
export type NoteState = (callId: string, state: ToolCallState | null) => void;

/** Gathers what a provider signed in one answer, by the tool calls it belongs to. Signatures come with the first choice. */
export class StateCollector {
  readonly #note: NoteState;
  #thoughts: Thought[] = [];
  #text = '';
  #hasText = false;
  #model = '';

  constructor(note: NoteState) {
    this.#note = note;
  }

  add(event: ChatEvent): void {
    switch (event.type) {
      case 'response-start':
        this.#model = event.model;
        return;
      case 'text-delta':
        this.#hasText = true;
        return;
      case 'reasoning-delta':
        this.#addThought(event);
        return;
      case 'tool-call-start':
        this.#addCall(event);
        return;
      default:
        return;
    }
  }

  #addThought({ choice, text, signature, redacted, signedBy }: ChatEvent & { type: 'reasoning-delta' }): void {
    if (choice !== 0) return;
    if (redacted === undefined) this.#text += text;
    if (signature === undefined && redacted === undefined) return;
    const whole = redacted === undefined ? this.#text : text;
    this.#text = '';
    if (!signedBy) return;
    this.#thoughts.push({
      text: whole,
      ...(signature !== undefined && { signature }),
      ...(redacted !== undefined && { redacted }),
      signedBy,
      afterText: this.#hasText,
    });
  }

  #addCall({ choice, id, name, signature, signedBy }: ChatEvent & { type: 'tool-call-start' }): void {
    if (choice !== 0) return;
    const isSigned = signature !== undefined && signedBy !== undefined;
    const thoughts = this.#thoughts;
    this.#thoughts = [];
    if (!isSigned && thoughts.length === 0) {
      this.#note(id, null);
      return;
    }
    const model = this.#model === '' ? {} : { model: this.#model };
    this.#note(id, { name, thoughts, ...model, ...(isSigned && { signature, signedBy }) });
  }
}
