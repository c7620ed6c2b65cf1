import type { ChatEvent, FinishReason } from '../../core/chat/chat-event.js';
import type { ChatMessage, ChatRequest, ToolCallPart } from '../../core/chat/chat-request.js';
import { addUsage, type TokenUsage } from '../../core/chat/token-usage.js';
import { Cancellation } from '../../core/cancellation.js';
import type { CallContext } from '../../core/call-context.js';
import type { ToolLoopEnd } from '../../core/telemetry/tool-telemetry.js';
import type { ServerTool, ToolOutput } from '../server-tool.js';
import type { LoopBound, LoopBounds } from './loop-bounds.js';
import { requestOfStep } from './request-of-step.js';
import { mayAskForTools, StepRecord } from './step-record.js';
import { type FinishedTool, ToolRound } from './tool-round.js';

/** What the loop works with. */
export interface LoopTerms {
  /** As the client sent it, without the tools that are run here. */
  readonly request: ChatRequest;
  /** By the names that the model hears. */
  readonly tools: ReadonlyMap<string, ServerTool>;
  readonly bounds: LoopBounds;
  readonly parallelCalls: number;
  readonly call: CallContext;
  ask(request: ChatRequest): Promise<AsyncIterable<ChatEvent>>;
  run(call: ToolCallPart, signal: Cancellation): Promise<ToolOutput>;
  ended(end: ToolLoopEnd, steps: number): void;
}

type Result = IteratorResult<ChatEvent, undefined>;

const DONE: Result = { done: true, value: undefined };
/** More in one answer are a model that has lost its way. */
const MOST_CALLS = 32;

/**
 * The answers of a model with the use of tools between them, as one answer. Hand-written, because the `return()` of a
 * generator that was never started would reach neither the model nor the tools.
 */
export class LoopEvents implements AsyncIterableIterator<ChatEvent, undefined> {
  readonly #terms: LoopTerms;
  readonly #ready: ChatEvent[] = [];
  readonly #messages: ChatMessage[];
  readonly #usedIds = new Set<string>();
  readonly #stop = new Cancellation();
  #source: AsyncIterator<ChatEvent, unknown> | null = null;
  #step: StepRecord;
  #steps = 1;
  #calls = 0;
  #bound: LoopBound | null;
  #round: ToolRound | null = null;
  #head: (ChatEvent & { type: 'response-start' }) | null = null;
  #usage: TokenUsage | null = null;
  #hasText = false;
  #hasTextInStep = false;
  #isOver = false;

  constructor(terms: LoopTerms) {
    this.#terms = terms;
    this.#messages = [...terms.request.messages];
    this.#step = new StepRecord(this.#usedIds, 0);
    this.#bound = terms.bounds.reached(1, terms.call);
    const { signal } = terms.call;
    signal.addEventListener('abort', () => {
      this.#stop.abort(signal.reason);
    });
  }

  /** Asks for the first answer; resolves at its first content. Rejects as `ChatService.answer`. */
  async open(): Promise<this> {
    try {
      await this.#ask();
    } catch (error) {
      this.#end('failed');
      throw error;
    }
    return this;
  }

  async next(): Promise<Result> {
    for (;;) {
      const event = this.#ready.shift();
      if (event) return { done: false, value: event };
      if (this.#isOver) return DONE;
      try {
        await (this.#round ? this.#takeResult(this.#round) : this.#read());
      } catch (error) {
        // Who has stopped reading does not hear why the rest failed.
        if (this.#hasEnded()) return DONE;
        this.#end('failed');
        throw error;
      }
    }
  }

  async return(): Promise<Result> {
    this.#ready.length = 0;
    if (!this.#isOver) this.#end('failed');
    await this.#source?.return?.();
    return DONE;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  // It may have been stopped meanwhile, wherever something was waited for.
  #hasEnded(): boolean {
    return this.#isOver;
  }

  async #ask(): Promise<void> {
    const { request, tools } = this.#terms;
    const step = { messages: [...this.#messages], step: this.#steps, isLast: this.#bound !== null };
    const events = await this.#terms.ask(requestOfStep(request, tools, step));
    this.#source = events[Symbol.asyncIterator]();
    // Nobody waits for it any more.
    if (this.#isOver) await this.#source.return?.();
  }

  async #read(): Promise<void> {
    const step = await this.#source?.next();
    if (this.#isOver) return;
    if (!step || step.done === true) this.#endStep();
    else this.#pass(this.#step.add(step.value));
  }

  #pass(event: ChatEvent | null): void {
    if (!event) return;
    if (event.type === 'response-start') {
      const isNews = this.#head?.model !== event.model;
      // One answer has one id, whoever wrote its parts.
      this.#head = this.#head ? { ...this.#head, model: event.model } : event;
      if (isNews) this.#ready.push(this.#head);
      return;
    }
    if (event.type === 'text-delta' && event.text !== '') this.#separate(event);
    this.#ready.push(event);
  }

  // What is said before the tools and what is said after them are two paragraphs.
  #separate({ text }: ChatEvent & { type: 'text-delta' }): void {
    if (this.#hasTextInStep) return;
    if (this.#hasText && !/^\s/u.test(text)) this.#ready.push({ type: 'text-delta', choice: 0, text: '\n\n' });
    this.#hasTextInStep = true;
    this.#hasText = true;
  }

  #endStep(): void {
    const { usage, finish, calls } = this.#step;
    if (usage) this.#usage = this.#usage ? addUsage(this.#usage, usage) : usage;
    const reason = finish?.finishReason ?? null;
    if (calls.length === 0 || !mayAskForTools(reason)) {
      this.#finish(this.#bound ?? 'answered', reason, finish?.rawFinishReason);
      return;
    }
    this.#messages.push(this.#step.toMessage());
    this.#terms.call.isBetweenSteps = true;
    this.#round = new ToolRound(this.#callsOfOurs(), this.#run, this.#terms.parallelCalls);
  }

  #callsOfOurs(): ToolCallPart[] {
    return this.#step.calls.filter(({ name }) => !this.#isClients(name));
  }

  #isClients(name: string): boolean {
    return this.#terms.request.tools?.some((tool) => tool.name === name) ?? false;
  }

  readonly #run = (call: ToolCallPart): Promise<ToolOutput> => {
    const refuse = (content: string): Promise<ToolOutput> => Promise.resolve({ content, isError: true });
    if (this.#bound) return refuse('The tool was not run: no further tools may be used in this answer.');
    if (this.#step.calls.indexOf(call) >= MOST_CALLS) {
      return refuse(`The tool was not run: at most ${String(MOST_CALLS)} calls are possible at once.`);
    }
    return this.#terms.run(call, this.#stop);
  };

  async #takeResult(round: ToolRound): Promise<void> {
    const finished = await round.next();
    if (this.#isOver) return;
    if (finished) this.#ready.push(this.#toEvent(finished));
    else await this.#endRound(round);
  }

  #toEvent({ call: { id, name }, content, isError }: FinishedTool): ChatEvent {
    return { type: 'tool-result', id, name: this.#terms.tools.get(name)?.name ?? name, content, isError };
  }

  async #endRound({ outputs }: ToolRound): Promise<void> {
    this.#round = null;
    for (const { id } of this.#step.calls) {
      const output = outputs.get(id);
      if (!output) continue;
      const content = [{ type: 'text' as const, text: output.content }];
      this.#messages.push({ role: 'tool', toolCallId: id, content, ...(output.isError && { isError: true }) });
    }
    // The rest is for the client to run.
    if (outputs.size < this.#step.calls.length) {
      this.#finish('client-tools', 'tool-calls', this.#step.finish?.rawFinishReason);
      return;
    }
    if (this.#bound) this.#finish(this.#bound, 'other');
    else await this.#nextStep();
  }

  async #nextStep(): Promise<void> {
    this.#steps += 1;
    this.#calls += this.#step.calls.length;
    this.#step = new StepRecord(this.#usedIds, this.#calls);
    this.#hasTextInStep = false;
    this.#bound = this.#terms.bounds.reached(this.#steps, this.#terms.call);
    if (this.#bound) this.#ready.push({ type: 'warning', message: this.#terms.bounds.describe(this.#bound) });
    await this.#ask();
    this.#terms.call.isBetweenSteps = false;
  }

  #finish(end: ToolLoopEnd, finishReason: FinishReason | null, rawFinishReason?: string): void {
    this.#terms.call.isBetweenSteps = false;
    if (finishReason) {
      this.#ready.push({
        type: 'finish',
        choice: 0,
        finishReason,
        ...(rawFinishReason !== undefined && { rawFinishReason }),
      });
    }
    if (this.#usage) this.#ready.push({ type: 'usage', usage: this.#usage });
    this.#end(end);
  }

  #end(end: ToolLoopEnd): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#stop.abort(new Error('The answer is over.'));
    this.#terms.ended(end, this.#steps);
  }
}
