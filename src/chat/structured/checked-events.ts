import type { ChatEvent, FinishReason } from '../../core/chat/chat-event.js';
import type { ReadyIterator } from '../../core/ready-iterator.js';

type Result = IteratorResult<ChatEvent, undefined>;
type FinishEvent = Extract<ChatEvent, { type: 'finish' }>;

/** What is wrong with the text of an answer, in words for the client; null when nothing is. Never rejects. */
export type CheckText = (text: string) => Promise<string | null>;

const DONE: Result = { done: true, value: undefined };
/** Answers that ended otherwise say so themselves. */
const CHECKED_ENDS: ReadonlySet<FinishReason> = new Set<FinishReason>(['stop', 'other']);

/**
 * The events of an answer that should be JSON. One whose form nobody enforced is checked before its choices end, and a
 * warning says what is wrong with it; all others pass as they are.
 */
export class CheckedEvents implements AsyncIterableIterator<ChatEvent, undefined> {
  readonly #source: ReadyIterator<ChatEvent>;
  readonly #check: CheckText;
  readonly #texts = new Map<number, string[]>();
  readonly #onEnd: (warnings: readonly string[]) => void;
  readonly #warnings: string[] = [];
  #isChecked = false;
  /** An end that waits until its text was checked. */
  #pending: FinishEvent | null = null;
  /** An end whose text was checked. */
  #checked: FinishEvent | null = null;

  /** `onEnd` is told of all warnings when the answer is over. */
  constructor(
    events: AsyncIterable<ChatEvent>,
    check: CheckText,
    onEnd: (warnings: readonly string[]) => void = () => undefined,
  ) {
    this.#source = events[Symbol.asyncIterator]();
    this.#check = check;
    this.#onEnd = onEnd;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<Result> {
    const ready = this.#takeChecked();
    if (ready) return { done: false, value: ready };
    if (!this.#pending) {
      const step = await this.#source.next();
      if (step.done === true) {
        this.#onEnd(this.#warnings.splice(0));
        return DONE;
      }
      if (!this.#holds(step.value)) return { done: false, value: step.value };
    }
    return { done: false, value: await this.#settle() };
  }

  take(): ChatEvent | undefined {
    const ready = this.#takeChecked();
    if (ready || this.#pending) return ready;
    const event = this.#source.take?.();
    return event && !this.#holds(event) ? event : undefined;
  }

  async return(): Promise<Result> {
    await this.#source.return?.();
    return DONE;
  }

  #takeChecked(): ChatEvent | undefined {
    const event = this.#checked;
    this.#checked = null;
    return event ?? undefined;
  }

  // True for an end that is kept until its text was checked.
  #holds(event: ChatEvent): boolean {
    if (event.type === 'response-start') this.#isChecked = event.isFormEmulated === true;
    else if (!this.#isChecked) return false;
    else if (event.type === 'text-delta') this.#textOf(event.choice).push(event.text);
    else if (event.type === 'finish' && CHECKED_ENDS.has(event.finishReason)) {
      this.#pending = event;
      return true;
    }
    return false;
  }

  async #settle(): Promise<ChatEvent> {
    const finish = this.#pending;
    if (!finish) throw new Error('Nothing waits to be checked.');
    this.#pending = null;
    const message = await this.#check(this.#textOf(finish.choice).join(''));
    if (message === null) return finish;
    this.#checked = finish;
    this.#warnings.push(message);
    return { type: 'warning', message };
  }

  #textOf(choice: number): string[] {
    let text = this.#texts.get(choice);
    if (!text) this.#texts.set(choice, (text = []));
    return text;
  }
}
