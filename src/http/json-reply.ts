import type { IncomingMessage, ServerResponse } from 'node:http';
import { AnswerHead, startAnswer } from './answer-head.js';

// How long we go on reading a body that nobody wants, so that the client is not reset before it has read the answer.
const LINGER_MS = 500;
// A body of so many bytes is read to its end sooner than a new connection is made.
const SMALL_BYTES = 64 * 1024;

/** Sends a JSON answer; does nothing when the client has left or an answer was sent already. */
export function sendJson(response: ServerResponse, body: unknown, status = 200): void {
  if (response.headersSent || response.destroyed) return;
  const text = JSON.stringify(body);
  const bytes = Buffer.byteLength(text);
  const unread = unreadBytes(response.req);
  const isLarge = unread > SMALL_BYTES;
  const head = new AnswerHead();
  head.setHeader('content-type', 'application/json; charset=utf-8');
  head.setHeader('content-length', String(bytes));
  if (isLarge) head.setHeader('connection', 'close');
  startAnswer(response, status, head);
  if (isLarge) {
    lingerAndClose(response, text);
    return;
  }
  // Text that is all ASCII is the same in both encodings, and the shorter one needs no conversion.
  response.end(text, bytes === text.length ? 'latin1' : 'utf8');
  if (unread > 0) cutUnlessComplete(response.req);
}

// Infinity where nobody says how much is still to come.
function unreadBytes(request: IncomingMessage): number {
  if (request.complete || request.readableEnded) return 0;
  if (request.headers['transfer-encoding'] !== undefined) return Infinity;
  return Number(request.headers['content-length'] ?? 0);
}

// Node reads on what nobody wants, for the next request on the connection; that may take only as long as it should.
function cutUnlessComplete(request: IncomingMessage): void {
  const timer = setTimeout(() => {
    if (!request.complete) request.socket.destroy();
  }, LINGER_MS);
  timer.unref();
  request.once('end', () => {
    clearTimeout(timer);
  });
}

// The answer goes out at once and whole; the connection is closed a moment later, whatever the client still sends.
function lingerAndClose(response: ServerResponse, text: string): void {
  response.write(text);
  const end = (): void => {
    clearTimeout(timer);
    response.req.off('end', end);
    response.end();
  };
  const timer = setTimeout(end, LINGER_MS);
  timer.unref();
  response.once('close', () => {
    clearTimeout(timer);
  });
  response.req.once('end', end);
  response.req.on('error', () => undefined);
  response.req.resume();
}
