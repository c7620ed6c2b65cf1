import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { AppError } from '../core/errors/app-error.js';
import type { ErrorCode } from '../core/errors/error-codes.js';
import { newId } from '../core/ids.js';

interface Refusal {
  status: string;
  code: ErrorCode | null;
  message: string;
}

interface ParserError extends NodeJS.ErrnoException {
  rawPacket?: Buffer;
}

const MALFORMED: Refusal = {
  status: '400 Bad Request',
  code: null,
  message: 'This is no valid HTTP/1.1 request. Check what sends it, and proxies on the way.',
};
const UNKNOWN_METHOD: Refusal = {
  status: '405 Method Not Allowed',
  code: 'method_not_allowed',
  message: 'No route knows this method. The routes are listed at /docs.',
};
const BY_ERROR: Readonly<Record<string, Refusal>> = {
  HPE_HEADER_OVERFLOW: {
    status: '431 Request Header Fields Too Large',
    code: null,
    message: 'The address and the headers of the request are too large. Send less in them.',
  },
  HPE_CHUNK_EXTENSIONS_OVERFLOW: {
    status: '413 Payload Too Large',
    code: 'request_too_large',
    message: 'The chunk extensions of the body are too large. Leave them out.',
  },
  ERR_HTTP_REQUEST_TIMEOUT: {
    status: '408 Request Timeout',
    code: 'request_timeout',
    message: 'The request took too long to arrive. Send it again.',
  },
};
const REQUEST_LINE = /^[A-Z]{1,32} \S+ HTTP\/1\.[01]\r\n/;

/**
 * Answers what Node refuses by itself before there is a request or a route: broken HTTP, headers beyond its limits,
 * CONNECT, and expectations, with the body and the request id that every other error has.
 */
export function refuseBrokenRequests(server: Server): void {
  server.on('clientError', (error: ParserError, socket: Duplex) => {
    // Half an answer may be under way on this connection: nothing can be said any more.
    if (!socket.writable || error.code === 'ECONNRESET' || isAnswering(socket)) socket.destroy();
    else refuse(socket, refusalOf(error));
  });
  server.on('connect', (_request: IncomingMessage, socket: Duplex) => {
    socket.on('error', () => undefined);
    refuse(socket, UNKNOWN_METHOD);
  });
  // Goes the way of every request, so that it is logged, counted and refused there.
  server.on('checkExpectation', (request: IncomingMessage, response: ServerResponse) => {
    server.emit('request', request, response);
  });
}

/** `expectation_failed` for a request with an expectation that is not the usual one, which Node meets itself; else null. */
export function expectationProblem({ headers: { expect } }: IncomingMessage): AppError | null {
  if (expect === undefined || expect.toLowerCase() === '100-continue') return null;
  return new AppError('expectation_failed', 'The header `Expect` may only say `100-continue`. Leave it out.');
}

function refusalOf({ code = '', rawPacket }: ParserError): Refusal {
  if (code === 'HPE_INVALID_METHOD' && rawPacket && REQUEST_LINE.test(rawPacket.toString('latin1', 0, 2_048))) {
    return UNKNOWN_METHOD;
  }
  return (Object.hasOwn(BY_ERROR, code) ? BY_ERROR[code] : undefined) ?? MALFORMED;
}

function refuse(socket: Duplex, { status, code, message }: Refusal): void {
  const body = JSON.stringify({ error: { message, type: 'invalid_request_error', param: null, code } });
  const head = [
    `HTTP/1.1 ${status}`,
    'Connection: close',
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${String(Buffer.byteLength(body))}`,
    `x-request-id: ${newId('req_')}`,
    'X-Content-Type-Options: nosniff',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => {
    socket.destroy();
  });
}

// Internal to Node, and the only place where it says so.
function isAnswering(socket: Duplex): boolean {
  const { _httpMessage: response } = socket as Duplex & { _httpMessage?: ServerResponse | null };
  return response?.headersSent === true;
}
