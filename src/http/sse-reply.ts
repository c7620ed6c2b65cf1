import type { ServerResponse } from 'node:http';
import type { CallContext } from '../core/call-context.js';
import type { AppError } from '../core/errors/app-error.js';
import type { ReadyIterator } from '../core/ready-iterator.js';
import type { SseFrame } from '../core/sse-frame.js';
import { replySettingsOf } from './reply-settings.js';
import { encodeFrame, SseWriter } from './sse-writer.js';
import { toAppError } from './to-app-error.js';

/** Characters after which frames go out though more are there. */
const MOST_AT_ONCE = 64 * 1024;

type RenderErrorFrame = (error: AppError, requestId: string) => SseFrame;

/**
 * Sends frames as a stream of server-sent events. The head waits for the first frame, at most until the commit time;
 * what fails before that rejects, so that it becomes a real HTTP status. What fails later ends the stream with the error
 * frame. When the client leaves, the frames' iterator is returned and the promise resolves.
 */
export async function sendSse(
  response: ServerResponse,
  call: CallContext,
  frames: Promise<AsyncIterable<SseFrame>>,
  renderErrorFrame: RenderErrorFrame,
): Promise<void> {
  const writer = new SseWriter(response);
  const source = new FrameSource(frames);
  const onClose = (): void => {
    source.close();
  };
  response.once('close', onClose);
  try {
    const first = source.first();
    const isEarly = await settlesBeforeCommit(response, first);
    if (isEarly) await first;
    if (writer.isClosed) return;
    writer.open();
    if (!isEarly) writer.comment();
    await pump(writer, source, first).catch((thrown: unknown) =>
      sendFailure(response, writer, call, thrown, renderErrorFrame),
    );
  } finally {
    response.off('close', onClose);
    source.close();
    writer.end();
  }
}

async function sendFailure(
  response: ServerResponse,
  writer: SseWriter,
  call: CallContext,
  thrown: unknown,
  renderErrorFrame: RenderErrorFrame,
): Promise<void> {
  if (writer.isClosed) return;
  const error = toAppError(thrown);
  replySettingsOf(response).reportFailure(error);
  await writer.write(renderErrorFrame(error, call.id));
}

async function pump(writer: SseWriter, source: FrameSource, first: Promise<IteratorResult<SseFrame>>): Promise<void> {
  let step = await first;
  while (step.done !== true && !writer.isClosed) {
    const { text, failure } = source.gather(step.value);
    // Only a slow client costs an await here.
    const slow = writer.writeText(text);
    if (slow) await slow;
    if (failure) throw failure;
    step = await source.next();
  }
}

/** Whether the first frame (or failure) came before the commit time. Never rejects. */
async function settlesBeforeCommit(response: ServerResponse, first: Promise<unknown>): Promise<boolean> {
  const { clock, commitMs } = replySettingsOf(response);
  return new Promise((resolve) => {
    const cancel = clock.schedule(() => {
      resolve(false);
    }, commitMs);
    const settled = (): void => {
      cancel();
      resolve(true);
    };
    first.then(settled, settled);
  });
}

/** The frames' iterator, which may be closed before it is there. */
class FrameSource {
  readonly #frames: Promise<AsyncIterable<SseFrame>>;
  #iterator: ReadyIterator<SseFrame> | undefined;
  #closed = false;
  #ended = false;

  constructor(frames: Promise<AsyncIterable<SseFrame>>) {
    this.#frames = frames;
  }

  async first(): Promise<IteratorResult<SseFrame>> {
    const iterator: ReadyIterator<SseFrame> = (await this.#frames)[Symbol.asyncIterator]();
    this.#iterator = iterator;
    if (this.#closed) {
      this.#return(iterator);
      return { done: true, value: undefined };
    }
    return this.next();
  }

  async next(): Promise<IteratorResult<SseFrame>> {
    if (!this.#iterator || this.#ended) return { done: true, value: undefined };
    try {
      const step = await this.#iterator.next();
      if (step.done !== true) return step;
      this.#ended = true;
      return { done: true, value: undefined };
    } catch (thrown) {
      this.#ended = true;
      throw thrown;
    }
  }

  /** A frame and those that are there with it, encoded as one text; what fails after some of them comes beside it. */
  gather(frame: SseFrame): { text: string; failure: Error | null } {
    let text = encodeFrame(frame);
    try {
      while (text.length < MOST_AT_ONCE) {
        const next = this.#ended ? undefined : this.#iterator?.take?.();
        if (!next) break;
        text += encodeFrame(next);
      }
    } catch (thrown) {
      this.#ended = true;
      return { text, failure: thrown as Error };
    }
    return { text, failure: null };
  }

  /** Tells the source that nobody reads on; does nothing when it has ended by itself. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#iterator && !this.#ended) this.#return(this.#iterator);
  }

  #return(iterator: ReadyIterator<SseFrame>): void {
    this.#ended = true;
    Promise.resolve(iterator.return?.()).catch(() => undefined);
  }
}
