import type { IncomingMessage, ServerResponse } from 'node:http';
import { AnswerHead, startAnswer } from './answer-head.js';

// How long we go on reading a body that nobody wants, so that the client is not reset before it has read the answer.
const LINGER_MS = 500;

/** Sends a JSON answer; does nothing when the client has left or an answer was sent already. */
export function sendJson(response: ServerResponse, body: unknown, status = 200): void {
  if (response.headersSent || response.destroyed) return;
  const text = JSON.stringify(body);
  const bytes = Buffer.byteLength(text);
  const isUnread = hasUnreadBody(response.req);
  const head = new AnswerHead();
  head.setHeader('content-type', 'application/json; charset=utf-8');
  head.setHeader('content-length', String(bytes));
  if (isUnread) head.setHeader('connection', 'close');
  startAnswer(response, status, head);
  if (isUnread) lingerAndClose(response, text);
  // Text that is all ASCII is the same in both encodings, and the shorter one needs no conversion.
  else response.end(text, bytes === text.length ? 'latin1' : 'utf8');
}

function hasUnreadBody(request: IncomingMessage): boolean {
  if (request.complete || request.readableEnded) return false;
  return request.headers['transfer-encoding'] !== undefined || Number(request.headers['content-length'] ?? 0) > 0;
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
