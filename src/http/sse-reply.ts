import type { ServerResponse } from 'node:http';
import type { CallContext } from '../core/call-context.js';
import type { AppError } from '../core/errors/app-error.js';
import type { SseFrame } from '../core/sse-frame.js';
import { replySettingsOf } from './reply-settings.js';
import { SseWriter } from './sse-writer.js';
import { toAppError } from './to-app-error.js';

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
    // Only a slow client costs an await here.
    const slow = writer.write(step.value);
    if (slow) await slow;
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
  #iterator: AsyncIterator<SseFrame> | undefined;
  #closed = false;
  #ended = false;

  constructor(frames: Promise<AsyncIterable<SseFrame>>) {
    this.#frames = frames;
  }

  async first(): Promise<IteratorResult<SseFrame>> {
    const iterator = (await this.#frames)[Symbol.asyncIterator]();
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
      if (step.done === true) this.#ended = true;
      return step;
    } catch (thrown) {
      this.#ended = true;
      throw thrown;
    }
  }

  /** Tells the source that nobody reads on; does nothing when it has ended by itself. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#iterator && !this.#ended) this.#return(this.#iterator);
  }

  #return(iterator: AsyncIterator<SseFrame>): void {
    this.#ended = true;
    Promise.resolve(iterator.return?.()).catch(() => undefined);
  }
}
