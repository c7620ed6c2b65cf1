import type { ServerResponse } from 'node:http';
import { AnswerHead, startAnswer } from '../http/answer-head.js';
import { drained } from '../http/drained.js';
import { replySettingsOf } from '../http/reply-settings.js';
import { toAppError } from '../http/to-app-error.js';

/**
 * Sends bytes as they come, no faster than the client reads. What fails after the first of them cuts the connection, so that
 * nobody takes what there is for the whole. When the client leaves, the iterator is returned and the promise resolves.
 */
export async function sendBytes(
  response: ServerResponse,
  contentType: string,
  pieces: AsyncIterableIterator<Uint8Array, undefined>,
): Promise<void> {
  const close = (): void => {
    void pieces.return?.();
  };
  response.once('close', close);
  try {
    if (response.destroyed) return;
    open(response, contentType);
    for await (const piece of pieces) {
      if (isGone(response)) return;
      if (!response.write(piece)) await drained(response);
    }
    if (!isGone(response)) response.end();
  } catch (error) {
    if (response.destroyed) return;
    replySettingsOf(response).reportFailure(toAppError(error));
    response.destroy();
  } finally {
    response.off('close', close);
    close();
  }
}

// The client may leave between any two pieces.
function isGone({ destroyed }: ServerResponse): boolean {
  return destroyed;
}

/** Sends an answer that is whole. */
export function sendText(response: ServerResponse, contentType: string, text: string): void {
  if (response.destroyed || response.headersSent) return;
  open(response, contentType, Buffer.byteLength(text));
  response.end(text);
}

function open(response: ServerResponse, contentType: string, bytes?: number): void {
  const head = new AnswerHead();
  head.setHeader('content-type', contentType);
  if (bytes !== undefined) head.setHeader('content-length', String(bytes));
  startAnswer(response, 200, head);
}
