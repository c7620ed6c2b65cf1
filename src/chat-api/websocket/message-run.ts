import type { CallContext } from '../../core/call-context.js';
import { type AppError, ClientGoneError } from '../../core/errors/app-error.js';
import type { ReadyIterator } from '../../core/ready-iterator.js';
import type { SseFrame } from '../../core/sse-frame.js';
import { toAppError } from '../../http/to-app-error.js';
import { renderCancelled, renderSocketError, toSocketFrame } from './render-socket-frame.js';
import type { SocketWriter } from './socket-writer.js';

/** Characters after which frames go out though more are there. */
const MOST_AT_ONCE = 64 * 1024;

/** How a message ended: with `done`, with an error, or left by its client. */
export type MessageOutcome =
  | { readonly kind: 'answered' }
  | { readonly kind: 'failed'; readonly error: AppError }
  | { readonly kind: 'cancelled' };

type OnOver = (outcome: MessageOutcome) => void;

/** One message under way: its frames go out as they come, and exactly one frame says how it ended. */
export class MessageRun {
  #iterator: ReadyIterator<SseFrame> | null = null;
  #isOver = false;

  /** `onOver` is called once, when the call is over. */
  constructor(
    readonly call: CallContext,
    private readonly id: string | null,
    private readonly writer: SocketWriter,
    private readonly onOver: OnOver,
  ) {}

  /** Answers with the frames that `open` gives. Never rejects. */
  async answer(open: () => Promise<AsyncIterable<SseFrame>>): Promise<void> {
    try {
      const iterator = (await open())[Symbol.asyncIterator]() as ReadyIterator<SseFrame>;
      this.#iterator = iterator;
      if (this.#isOver) this.#close();
      else await this.#pump(iterator);
      this.#end({ kind: 'answered' });
    } catch (thrown) {
      this.fail(thrown);
    }
  }

  /** Ends the message with an error. */
  fail(thrown: unknown): void {
    const isGone = thrown instanceof ClientGoneError;
    this.#end(isGone ? { kind: 'cancelled' } : { kind: 'failed', error: toAppError(thrown) });
  }

  /** The client does not want the answer any more, or has left. */
  cancel(): void {
    if (this.#isOver) return;
    this.call.abort(new ClientGoneError());
    this.#end({ kind: 'cancelled' });
  }

  async #pump(iterator: ReadyIterator<SseFrame>): Promise<void> {
    for (let step = await iterator.next(); step.done !== true; step = await iterator.next()) {
      const { texts, failure } = gather(iterator, step.value, this.id);
      if (this.#isOver) return;
      const slow = this.writer.send(texts);
      if (slow) await slow;
      if (failure) throw failure;
    }
  }

  #close(): void {
    const iterator = this.#iterator;
    this.#iterator = null;
    // Who made the frames may still be at work on the next one.
    if (iterator) Promise.resolve(iterator.return?.()).catch(() => undefined);
  }

  #end(outcome: MessageOutcome): void {
    if (this.#isOver) return;
    this.#isOver = true;
    if (outcome.kind !== 'answered') this.#close();
    this.call.finish();
    if (outcome.kind === 'failed') this.#say(renderSocketError(outcome.error, this.id, this.call));
    if (outcome.kind === 'cancelled') this.#say(renderCancelled(this.id, this.call));
    this.onOver(outcome);
  }

  #say(text: string): void {
    void this.writer.send([text]);
  }
}

/** A frame and those that are there with it; what fails after some of them comes beside them. */
function gather(
  iterator: ReadyIterator<SseFrame>,
  first: SseFrame,
  id: string | null,
): { texts: string[]; failure: Error | null } {
  const texts: string[] = [];
  let characters = 0;
  try {
    for (let frame: SseFrame | undefined = first; frame; frame = iterator.take?.()) {
      const text = toSocketFrame(frame.data, id);
      if (text !== null) texts.push(text);
      characters += text?.length ?? 0;
      if (characters >= MOST_AT_ONCE) break;
    }
  } catch (thrown) {
    return { texts, failure: thrown as Error };
  }
  return { texts, failure: null };
}
