import type { ChatEvent, FinishReason } from '../../core/chat/chat-event.js';
import type { AssistantPart, ReasoningPart, ToolCallPart } from '../../core/chat/chat-request.js';
import type { TurnMessage } from './turn-message.js';

/** What an answer came to, as it is kept. */
export interface FoldedAnswer {
  readonly messages: TurnMessage[];
  /** The provider's own name of the model; empty while unknown. */
  readonly model: string;
  readonly finishReason: FinishReason | null;
}

/**
 * Folds the events of an answer into the messages that stand for it in a conversation: the model's, and the results of tools
 * that the gateway ran, each behind the message with its call. Of several choices only the first is kept.
 */
export class AnswerFold {
  readonly #messages: TurnMessage[] = [];
  #parts: AssistantPart[] = [];
  #calls = new Map<number, ToolCallPart>();
  #hasResults = false;
  #model = '';
  #finishReason: FinishReason | null = null;
  #room: number;

  /** Of an answer that is longer than this many characters, calls of tools and their results included, the rest is left out. */
  constructor(mostCharacters: number) {
    this.#room = mostCharacters;
  }

  /** True when more came than is kept. */
  get isFull(): boolean {
    return this.#room < 0;
  }

  add(event: ChatEvent): void {
    if (!this.isFull) this.#room -= charactersOf(event);
    if (this.isFull) return;
    switch (event.type) {
      case 'response-start':
        // It goes into a column that takes no NUL.
        this.#model = event.model.replaceAll('\0', '');
        return;
      case 'tool-result':
        this.#addResult(event);
        return;
      case 'warning':
      case 'usage':
      case 'passthrough':
        return;
      default:
        if (event.choice === 0) this.#addToMessage(event);
    }
  }

  /** The answer so far. Of one that broke off, calls without a result are left out: nobody can say what they were to be. */
  answer(isWhole: boolean): FoldedAnswer {
    const open = isWhole || this.#hasResults ? this.#parts : this.#parts.filter(({ type }) => type !== 'tool-call');
    const messages = [...this.#messages];
    if (open.length > 0 && !this.#hasResults) messages.push({ role: 'assistant', content: structuredClone(open) });
    return { messages, model: this.#model, finishReason: this.#finishReason };
  }

  #addToMessage(event: Extract<ChatEvent, { choice: number }>): void {
    if (event.type === 'finish') {
      this.#finishReason = event.finishReason;
      return;
    }
    // What follows the results of tools is the next message of the model.
    if (this.#hasResults) {
      this.#parts = [];
      this.#calls = new Map();
      this.#hasResults = false;
    }
    switch (event.type) {
      case 'text-delta':
        this.#addText('text', event.text);
        return;
      case 'refusal-delta':
        this.#addText('refusal', event.text);
        return;
      case 'reasoning-delta':
        this.#addReasoning(event);
        return;
      case 'tool-call-start':
        this.#startCall(event);
        return;
      case 'tool-call-delta': {
        const call = this.#calls.get(event.index);
        if (call) call.arguments += event.argumentsDelta;
      }
    }
  }

  #addText(type: 'text' | 'refusal', text: string): void {
    // The space between what was said before the tools and after them is nobody's words.
    const isGap = this.#parts.length === 0 && this.#messages.length > 0 && text.trim() === '';
    if (text === '' || isGap) return;
    const last = this.#parts.at(-1);
    if (last?.type === type) last.text += text;
    else this.#parts.push({ type, text });
  }

  // A block of thinking ends with its signature, or is one redacted piece.
  #addReasoning({ text, signature, redacted, signedBy }: Extract<ChatEvent, { type: 'reasoning-delta' }>): void {
    const last = this.#parts.at(-1);
    const isOpen = last?.type === 'reasoning' && last.signature === undefined && last.redacted === undefined;
    if (isOpen && redacted === undefined) {
      last.text += text;
      this.#sign(last, { signature, signedBy });
      return;
    }
    const part: ReasoningPart = { type: 'reasoning', text };
    if (redacted !== undefined) part.redacted = redacted;
    this.#sign(part, { signature, signedBy });
    this.#parts.push(part);
  }

  #sign(part: ReasoningPart, { signature, signedBy }: Pick<ReasoningPart, 'signature' | 'signedBy'>): void {
    if (signature !== undefined) part.signature = signature;
    if (signedBy === undefined) return;
    part.signedBy = signedBy;
    if (this.#model !== '') part.model = this.#model;
  }

  #startCall({ index, id, name, signature, signedBy }: Extract<ChatEvent, { type: 'tool-call-start' }>): void {
    const part: ToolCallPart = { type: 'tool-call', id, name, arguments: '' };
    if (signature !== undefined && signedBy !== undefined) Object.assign(part, { signature, signedBy });
    this.#calls.set(index, part);
    this.#parts.push(part);
  }

  // The message with the calls goes before their first result.
  #addResult({ id, content, isError }: Extract<ChatEvent, { type: 'tool-result' }>): void {
    if (!this.#hasResults && this.#parts.length > 0) this.#messages.push({ role: 'assistant', content: this.#parts });
    this.#hasResults = true;
    this.#messages.push({
      role: 'tool',
      toolCallId: id,
      content: [{ type: 'text', text: content }],
      ...(isError && { isError }),
    });
  }
}

function charactersOf(event: ChatEvent): number {
  if ('choice' in event && event.choice !== 0) return 0;
  switch (event.type) {
    case 'text-delta':
    case 'refusal-delta':
      return event.text.length;
    case 'reasoning-delta':
      return `${event.text}${event.signature ?? ''}${event.redacted ?? ''}`.length;
    case 'tool-call-start':
      return `${event.id}${event.name}${event.signature ?? ''}`.length;
    case 'tool-call-delta':
      return event.argumentsDelta.length;
    case 'tool-result':
      return event.content.length;
    default:
      return 0;
  }
}
