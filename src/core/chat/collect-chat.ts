import type { ChatEvent } from './chat-event.js';
import type { ChatChoice, ChatResult, ChatToolResult } from './chat-result.js';
import type { ReadyIterator } from '../ready-iterator.js';
import type { WireObject } from './wire-object.js';

/** Folds events into one result as they pass; feed it every event, then read `result()`. */
export class ChatCollector {
  readonly #choices: ChatChoice[] = [];
  #toolCalls: Map<string, { id: string; name: string; arguments: string }> | null = null;
  #toolResults: ChatToolResult[] | null = null;
  readonly #warnings: string[] = [];
  #head: { id: string; model: string; createdAt?: number } = { id: '', model: '' };
  #usage: ChatResult['usage'] = null;
  #wire: WireObject | null | undefined;

  add(event: ChatEvent): void {
    if (!isOurOwn(event)) this.#noteWire(event.wire);
    switch (event.type) {
      case 'response-start':
        this.#head = { id: event.id, model: event.model, createdAt: event.createdAt };
        return;
      case 'warning':
        this.#warnings.push(event.message);
        return;
      case 'usage':
        this.#usage = event.usage;
        return;
      case 'tool-result': {
        const { id, name, content, isError } = event;
        (this.#toolResults ??= []).push({ id, name, content, isError });
        return;
      }
      case 'passthrough':
        return;
      default:
        this.#addToChoice(this.#choice(event.choice), event);
    }
  }

  /** The answer so far. Its wire object is there only when every event that a provider sent came from that one object. */
  result(): ChatResult {
    return {
      ...this.#head,
      choices: [...this.#choices].sort((left, right) => left.index - right.index),
      usage: this.#usage,
      warnings: this.#warnings,
      ...(this.#toolResults && { toolResults: this.#toolResults }),
      wire: this.#wire ?? undefined,
    };
  }

  #addToChoice(choice: ChatChoice, event: Extract<ChatEvent, { choice: number }>): void {
    switch (event.type) {
      case 'text-delta':
        choice.text += event.text;
        if (event.logprobs) (choice.logprobs ??= []).push(...event.logprobs);
        return;
      case 'refusal-delta':
        choice.refusal = (choice.refusal ?? '') + event.text;
        return;
      case 'reasoning-delta':
        addReasoning(choice, event);
        return;
      case 'tool-call-start':
        this.#startToolCall(choice, event);
        return;
      case 'tool-call-delta': {
        const call = this.#toolCalls?.get(`${String(choice.index)}/${String(event.index)}`);
        if (call) call.arguments += event.argumentsDelta;
        return;
      }
      case 'finish':
        Object.assign(choice, endOf(event));
    }
  }

  #startToolCall(choice: ChatChoice, { index, id, name }: Extract<ChatEvent, { type: 'tool-call-start' }>): void {
    const call = { id, name, arguments: '' };
    this.#toolCalls ??= new Map();
    this.#toolCalls.set(`${String(choice.index)}/${String(index)}`, call);
    choice.toolCalls.push(call);
  }

  #choice(index: number): ChatChoice {
    let choice = this.#choices.find((candidate) => candidate.index === index);
    if (!choice) {
      choice = { index, text: '', reasoning: [], toolCalls: [], finishReason: null };
      this.#choices.push(choice);
    }
    return choice;
  }

  #noteWire(wire: WireObject | undefined): void {
    if (this.#wire === undefined) this.#wire = wire ?? null;
    else if (this.#wire !== wire) this.#wire = null;
  }
}

// Warnings, and a usage that was counted here, stand beside what the provider sent and change nothing of it.
function isOurOwn(event: ChatEvent): boolean {
  return event.type === 'warning' || (event.type === 'usage' && event.usage.estimated === true);
}

function endOf(event: Extract<ChatEvent, { type: 'finish' }>): Partial<ChatChoice> {
  const { finishReason, rawFinishReason, stopSequence } = event;
  return { finishReason, rawFinishReason, ...(stopSequence !== undefined && { stopSequence }) };
}

// A block of thinking ends with its signature (or is one redacted piece); text that follows opens the next block.
function addReasoning(choice: ChatChoice, event: Extract<ChatEvent, { type: 'reasoning-delta' }>): void {
  const last = choice.reasoning.at(-1);
  const open = last && last.signature === undefined && last.redacted === undefined && event.redacted === undefined;
  if (open) {
    last.text += event.text;
    if (event.signature !== undefined) last.signature = event.signature;
    if (event.signedBy !== undefined) last.signedBy = event.signedBy;
    return;
  }
  const { text, signature, redacted, signedBy } = event;
  choice.reasoning.push({ text, signature, redacted, ...(signedBy !== undefined && { signedBy }) });
}

/** Folds a whole stream into one result; rejects with what the stream throws. */
export async function collectChat(events: AsyncIterable<ChatEvent>): Promise<ChatResult> {
  const collector = new ChatCollector();
  const iterator: ReadyIterator<ChatEvent> = events[Symbol.asyncIterator]();
  for (let step = await iterator.next(); step.done !== true; step = await iterator.next()) {
    for (let event: ChatEvent | undefined = step.value; event; event = iterator.take?.()) collector.add(event);
  }
  return collector.result();
}
