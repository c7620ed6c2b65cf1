import type { ServerResponse } from 'node:http';
import { AnswerHead, startAnswer } from '../http/answer-head.js';
import { drained } from '../http/drained.js';

/**
 * Sends an answer piece by piece, no faster than its client reads. What fails before the first piece rejects; a later
 * failure cuts the connection, and so does an end before the `content-length`, so that nobody takes a part for the whole.
 */
export async function sendPieces(
  response: ServerResponse,
  pieces: AsyncIterable<Buffer | string>,
  headers: Readonly<Record<string, string>>,
): Promise<void> {
  const iterator = pieces[Symbol.asyncIterator]();
  let step = await iterator.next();
  const head = new AnswerHead();
  for (const [name, value] of Object.entries(headers)) head.setHeader(name, value);
  startAnswer(response, 200, head);
  let missing = Number(headers['content-length'] ?? 0);
  try {
    for (; step.done !== true && !response.destroyed; step = await iterator.next()) {
      missing -= Buffer.byteLength(step.value);
      if (!response.write(step.value)) await drained(response);
    }
    // Deleted meanwhile: on a connection that lives on, the client would take the next answer for the rest.
    if (missing > 0) response.destroy();
    else response.end();
  } catch {
    response.destroy();
  } finally {
    await iterator.return?.();
  }
}
