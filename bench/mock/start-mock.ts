import { type AddressInfo, createServer, type Socket } from 'node:net';
import { SHAPES } from '../shapes.js';
import { type WireAnswer, wireAnswer } from './answers.js';

const ANSWERS = new Map(SHAPES.map((shape) => [shape.name, wireAnswer(shape)]));
const NOT_FOUND = Buffer.from('HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n');
const MODEL = /"model"\s*:\s*"([^"]+)"/;
const LENGTH = /^content-length:\s*(\d+)/im;
const HEAD_END = '\r\n\r\n';

/**
 * OpenAI's API as fast as Node can play it: bytes made beforehand, straight onto the socket, chosen by the model's name.
 * Resolves to its port on loopback.
 */
export function startMock(): Promise<number> {
  const server = createServer({ noDelay: true }, serve);
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port: 0, host: '127.0.0.1', backlog: 1_024 }, () => {
      resolve((server.address() as AddressInfo).port);
    });
  });
}

function serve(socket: Socket): void {
  let received = '';
  socket.on('error', () => undefined);
  socket.on('data', (bytes) => {
    received += bytes.toString('latin1');
    for (let end = endOfRequest(received); end !== -1; end = endOfRequest(received)) {
      const request = received.slice(0, end);
      received = received.slice(end);
      answer(socket, request);
    }
  });
}

/** Where the first request in the text ends; -1 while it is not complete. */
function endOfRequest(text: string): number {
  const headEnd = text.indexOf(HEAD_END);
  if (headEnd === -1) return -1;
  const head = text.slice(0, headEnd);
  const length = LENGTH.exec(head)?.[1];
  const bodyStart = headEnd + HEAD_END.length;
  if (length !== undefined) return text.length >= bodyStart + Number(length) ? bodyStart + Number(length) : -1;
  if (!/^transfer-encoding:\s*chunked/im.test(head)) return bodyStart;
  const last = text.indexOf('0\r\n\r\n', bodyStart);
  return last === -1 ? -1 : last + 5;
}

function answer(socket: Socket, request: string): void {
  const wire = ANSWERS.get(MODEL.exec(request)?.[1] ?? '');
  if (!wire) socket.write(NOT_FOUND);
  else if (wire.gapMs > 0) playSlowly(socket, wire);
  else for (const part of wire.parts) socket.write(part);
}

// Each part has its own due time, so that a late timer does not stretch the whole stream.
function playSlowly(socket: Socket, { parts, gapMs }: WireAnswer): void {
  const startedAt = performance.now();
  let position = 0;
  const step = (): void => {
    if (socket.destroyed) return;
    while (position < parts.length && performance.now() >= startedAt + position * gapMs) {
      const part = parts[position];
      if (part) socket.write(part);
      position += 1;
    }
    if (position < parts.length) setTimeout(step, Math.max(1, startedAt + position * gapMs - performance.now()));
  };
  step();
}
