import type { ChatEvent } from '../../core/chat/chat-event.js';
import type { ReadyIterator } from '../../core/ready-iterator.js';
import { JsonExtractor, type ExtractedPiece, type JsonRoot } from './json-extractor.js';

type Result = IteratorResult<ChatEvent, undefined>;
type ChoiceEvent = Extract<ChatEvent, { choice: number }>;

const DONE: Result = { done: true, value: undefined };

interface Choice {
  readonly extractor: JsonExtractor;
  /** The call whose arguments are the answer, by its index; null while there is none. */
  call: number | null;
  hasArguments: boolean;
  hasOtherCalls: boolean;
}

/**
 * The events of a target that was asked for JSON without being able to promise it, as if it could: the answer is text, and
 * only JSON, whether it came as the arguments of the tool `toolName` or in the midst of other text. Nothing of the wire is
 * relayed. The opening says that nobody has enforced the form.
 */
export class EmulatedEvents implements AsyncIterableIterator<ChatEvent, undefined> {
  readonly #source: ReadyIterator<ChatEvent>;
  readonly #root: JsonRoot;
  readonly #toolName: string | null;
  readonly #choices = new Map<number, Choice>();
  #ready: ChatEvent[] = [];
  #position = 0;

  constructor(source: AsyncIterable<ChatEvent>, root: JsonRoot, toolName: string | null) {
    this.#source = source[Symbol.asyncIterator]();
    this.#root = root;
    this.#toolName = toolName;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<Result> {
    for (;;) {
      const event = this.#shift();
      if (event) return { done: false, value: event };
      const step = await this.#source.next();
      if (step.done === true) return DONE;
      this.#add(step.value);
    }
  }

  take(): ChatEvent | undefined {
    for (;;) {
      const event = this.#shift();
      if (event) return event;
      const taken = this.#source.take?.();
      if (!taken) return undefined;
      this.#add(taken);
    }
  }

  async return(): Promise<Result> {
    this.#ready = [];
    await this.#source.return?.();
    return DONE;
  }

  #shift(): ChatEvent | undefined {
    const event = this.#ready[this.#position];
    if (event) {
      this.#position += 1;
    } else if (this.#position > 0) {
      this.#ready = [];
      this.#position = 0;
    }
    return event;
  }

  #add(event: ChatEvent): void {
    if (event.type === 'passthrough') return;
    const { wire: _, ...bare } = event;
    if (bare.type === 'response-start') this.#ready.push({ ...bare, isFormEmulated: true });
    else if ('choice' in bare) this.#addToChoice(bare, this.#choiceOf(bare.choice));
    else this.#ready.push(bare);
  }

  #addToChoice(event: ChoiceEvent, choice: Choice): void {
    switch (event.type) {
      case 'text-delta':
        // The call is the answer, and what is said beside it is not.
        if (choice.call === null) this.#pushPieces(event.choice, choice.extractor.add(event.text));
        return;
      case 'tool-call-start':
        if (event.name === this.#toolName) this.#startAnswer(event.index, choice);
        else {
          choice.hasOtherCalls = true;
          this.#pushPieces(event.choice, choice.extractor.end());
          this.#ready.push(event);
        }
        return;
      case 'tool-call-delta':
        this.#addArguments(event, choice);
        return;
      case 'finish':
        this.#finish(event, choice);
        return;
      default:
        this.#ready.push(event);
    }
  }

  // Only one answer counts: the first call, or JSON that was begun before it.
  #startAnswer(index: number, choice: Choice): void {
    choice.call ??= choice.extractor.hasBegun ? -1 : index;
  }

  #addArguments(event: Extract<ChoiceEvent, { type: 'tool-call-delta' }>, choice: Choice): void {
    if (event.index === choice.call) {
      if (event.argumentsDelta === '') return;
      choice.hasArguments = true;
      this.#ready.push({ type: 'text-delta', choice: event.choice, text: event.argumentsDelta });
    } else if (choice.hasOtherCalls) this.#ready.push(event);
  }

  #finish(event: Extract<ChoiceEvent, { type: 'finish' }>, choice: Choice): void {
    if (choice.call === null) this.#pushPieces(event.choice, choice.extractor.end());
    else if (choice.call >= 0 && !choice.hasArguments) {
      this.#ready.push({ type: 'text-delta', choice: event.choice, text: '{}' });
    }
    const hasAnswered = choice.call !== null && event.finishReason === 'tool-calls';
    this.#ready.push(hasAnswered ? { type: 'finish', choice: event.choice, finishReason: 'stop' } : event);
  }

  #pushPieces(choice: number, pieces: readonly ExtractedPiece[]): void {
    for (const { kind, text } of pieces) {
      this.#ready.push({ type: kind === 'json' ? 'text-delta' : 'reasoning-delta', choice, text });
    }
  }

  #choiceOf(index: number): Choice {
    let choice = this.#choices.get(index);
    if (!choice) {
      const extractor = new JsonExtractor(this.#root);
      choice = { extractor, call: null, hasArguments: false, hasOtherCalls: false };
      this.#choices.set(index, choice);
    }
    return choice;
  }
}
