import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';
import type { Clock } from '../../core/clock.js';
import { AppError, ClientGoneError, InvalidRequestError } from '../../core/errors/app-error.js';

type Decoder = (bytes: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>;

const READ_MS = 30_000;
const CHARSETS: ReadonlySet<string> = new Set(['utf-8', 'utf8', 'us-ascii']);
const DECODERS: Readonly<Record<string, Decoder>> = {
  gzip: promisify(gunzip),
  deflate: promisify(inflate),
  br: promisify(brotliDecompress),
};

/** Whether a request announces a body. */
export function hasBody(request: IncomingMessage): boolean {
  const { headers } = request;
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/**
 * The bytes of a JSON body, decompressed. What the headers rule out is refused before a byte is read; what turns out too
 * large (also once decompressed) is refused at the limit. Rejects with AppError, or ClientGoneError when the client left.
 * `hold` is told how large it is as far as that is known, and may throw.
 */
export async function readBody(
  request: IncomingMessage,
  limitBytes: number,
  clock: Clock,
  hold: (bytes: number) => void,
): Promise<Buffer> {
  checkContentType(request.headers['content-type']);
  const encoding = (request.headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  if (encoding !== 'identity' && !Object.hasOwn(DECODERS, encoding)) {
    throw new InvalidRequestError(
      'unsupported_encoding',
      'Send the body plain, or compressed with gzip, deflate or br.',
    );
  }
  const declaredBytes = Number(request.headers['content-length'] ?? 0);
  if (declaredBytes > limitBytes) throw tooLarge(limitBytes);
  hold(declaredBytes);
  const bytes = await collect(request, limitBytes, clock, hold);
  if (encoding === 'identity') return bytes;
  const plain = await decompress(bytes, encoding, limitBytes);
  hold(plain.length);
  return plain;
}

function checkContentType(header: string | undefined): void {
  const [type = '', ...parameters] = (header ?? '').toLowerCase().split(';');
  if (type.trim() !== 'application/json') {
    throw new InvalidRequestError('unsupported_media_type', 'Send the body as `Content-Type: application/json`.');
  }
  for (const parameter of parameters) {
    const [name = '', value = ''] = parameter.split('=', 2);
    if (name.trim() === 'charset' && !CHARSETS.has(value.trim().replace(/^"(.*)"$/, '$1'))) {
      throw new InvalidRequestError('unsupported_charset', 'Send the body in UTF-8.');
    }
  }
}

function collect(
  request: IncomingMessage,
  limitBytes: number,
  clock: Clock,
  hold: (bytes: number) => void,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const stop = (): void => {
      cancel();
      request.off('data', onData).off('end', onEnd).off('error', onGone).off('close', onGone).pause();
    };
    const fail = (error: Error): void => {
      stop();
      reject(error);
    };
    const onGone = (): void => {
      fail(new ClientGoneError());
    };
    const onData = (chunk: Buffer): void => {
      size += chunk.length;
      if (size > limitBytes) {
        fail(tooLarge(limitBytes));
        return;
      }
      chunks.push(chunk);
      try {
        hold(size);
      } catch (error) {
        fail(error as Error);
      }
    };
    const onEnd = (): void => {
      stop();
      resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks, size));
    };
    const cancel = clock.schedule(() => {
      fail(new AppError('request_timeout', 'The body took too long to arrive. Send the request again.'));
    }, READ_MS);
    request.on('data', onData).on('end', onEnd).on('error', onGone).on('close', onGone);
  });
}

async function decompress(bytes: Buffer, encoding: string, limitBytes: number): Promise<Buffer> {
  try {
    return (await DECODERS[encoding]?.(bytes, { maxOutputLength: limitBytes })) ?? bytes;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(limitBytes);
    throw new InvalidRequestError(
      'invalid_encoding',
      `The body is not valid ${encoding}. Send it plain or compress it anew.`,
    );
  }
}

function tooLarge(limitBytes: number): AppError {
  return new AppError('request_too_large', `The body is larger than ${String(limitBytes)} bytes. Send less at once.`);
}
