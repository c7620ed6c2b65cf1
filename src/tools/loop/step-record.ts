import { randomUUID } from 'node:crypto';
import type { ChatEvent, FinishReason } from '../../core/chat/chat-event.js';
import type { AssistantPart, ChatMessage, ReasoningPart, ToolCallPart } from '../../core/chat/chat-request.js';
import type { TokenUsage } from '../../core/chat/token-usage.js';

type Finish = ChatEvent & { type: 'finish' };

/** What one answer of the model said, in the order it came: to be passed on, and to be told to the model in the next step. */
export class StepRecord {
  finish: Finish | null = null;
  usage: TokenUsage | null = null;
  readonly calls: ToolCallPart[] = [];
  readonly #parts: AssistantPart[] = [];
  readonly #usedIds: Set<string>;
  readonly #firstIndex: number;
  /** By the provider's number of the call. */
  readonly #callsByIndex = new Map<number, { call: ToolCallPart; index: number }>();
  #model = '';

  /** `usedIds`: of the steps before; `firstIndex`: the number of the next call of the whole answer. */
  constructor(usedIds: Set<string>, firstIndex: number) {
    this.#usedIds = usedIds;
    this.#firstIndex = firstIndex;
  }

  /** The event as it is passed on; null for what is said once for the whole answer. */
  add(event: ChatEvent): ChatEvent | null {
    switch (event.type) {
      case 'usage':
        this.usage = event.usage;
        return null;
      case 'finish':
        if (event.choice === 0) this.finish = { ...event, wire: undefined };
        return null;
      case 'passthrough':
        return null;
      case 'response-start':
        this.#model = event.model;
        return { ...event, wire: undefined };
      default:
        return 'choice' in event && event.choice !== 0 ? null : this.#addContent(event);
    }
  }

  /** The answer as a message of the conversation. */
  toMessage(): ChatMessage {
    return {
      role: 'assistant',
      content: this.#parts.filter((part) => part.type !== 'text' || part.text.trim() !== ''),
    };
  }

  #addContent(event: ChatEvent): ChatEvent {
    switch (event.type) {
      case 'text-delta':
        this.#addText('text', event.text);
        break;
      case 'refusal-delta':
        this.#addText('refusal', event.text);
        break;
      case 'reasoning-delta':
        this.#addReasoning(event);
        break;
      case 'tool-call-start':
        return this.#addCall(event);
      case 'tool-call-delta': {
        const known = this.#callsByIndex.get(event.index);
        if (known) known.call.arguments += event.argumentsDelta;
        return { ...event, wire: undefined, index: known?.index ?? event.index };
      }
      default:
    }
    return event.wire ? { ...event, wire: undefined } : event;
  }

  #addText(type: 'text' | 'refusal', text: string): void {
    const last = this.#parts.at(-1);
    if (last?.type === type) last.text += text;
    else if (text !== '') this.#parts.push({ type, text });
  }

  // A block of thinking ends with its signature, or is one redacted piece.
  #addReasoning({ text, signature, redacted, signedBy }: ChatEvent & { type: 'reasoning-delta' }): void {
    const last = this.#parts.at(-1);
    const isOpen = last?.type === 'reasoning' && last.signature === undefined && last.redacted === undefined;
    const part: ReasoningPart = isOpen && redacted === undefined ? last : { type: 'reasoning', text: '' };
    part.text += text;
    if (signature !== undefined) part.signature = signature;
    if (redacted !== undefined) part.redacted = redacted;
    if (signedBy !== undefined) Object.assign(part, { signedBy, ...(this.#model !== '' && { model: this.#model }) });
    if (part !== last) this.#parts.push(part);
  }

  #addCall(event: ChatEvent & { type: 'tool-call-start' }): ChatEvent {
    const { name, signature, signedBy } = event;
    const id = this.#freshId(event.id);
    const call: ToolCallPart = { type: 'tool-call', id, name, arguments: '' };
    if (signature !== undefined && signedBy !== undefined) Object.assign(call, { signature, signedBy });
    const index = this.#firstIndex + this.calls.length;
    this.#callsByIndex.set(event.index, { call, index });
    this.calls.push(call);
    this.#parts.push(call);
    return { ...event, wire: undefined, id, index };
  }

  // Some servers count their calls anew in every answer, and a result could belong to two of them.
  #freshId(id: string): string {
    const fresh = id === '' || this.#usedIds.has(id) ? `call_${randomUUID().replaceAll('-', '')}` : id;
    this.#usedIds.add(fresh);
    return fresh;
  }
}

/** Tells whether an answer that ended so may have asked for tools: not one that was cut off or filtered. */
export function mayAskForTools(reason: FinishReason | null): boolean {
  return reason === 'tool-calls' || reason === 'stop';
}
