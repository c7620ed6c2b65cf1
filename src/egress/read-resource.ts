import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';
import type { Dispatcher } from 'undici';
import { fetchFailed, resourceTooLarge } from './egress-errors.js';

const DECODERS = {
  gzip: promisify(gunzip),
  'x-gzip': promisify(gunzip),
  deflate: promisify(inflate),
  br: promisify(brotliDecompress),
} as const;

type Answer = Pick<Dispatcher.ResponseData, 'headers' | 'body'>;

/**
 * The whole body of an answer, unpacked. Throws `url_too_large` once it has more than `maxBytes`, packed or not: no more is
 * read or unpacked; and `url_fetch_failed` when it cannot be unpacked.
 */
export async function readResource({ headers, body }: Answer, maxBytes: number): Promise<Buffer> {
  const encoding = textOf(headers['content-encoding']).trim().toLowerCase();
  if (Number(headers['content-length']) > maxBytes) throw resourceTooLarge(maxBytes);
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of body as AsyncIterable<Buffer>) {
    bytes += piece.byteLength;
    if (bytes > maxBytes) throw resourceTooLarge(maxBytes);
    pieces.push(piece);
  }
  const packed = Buffer.concat(pieces, bytes);
  return encoding === '' || encoding === 'identity' ? packed : unpack(packed, encoding, maxBytes);
}

/** The body as it comes, packed or not, up to `maxBytes`; no more is read. */
export async function readBeginning({ body }: Answer, maxBytes: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of body as AsyncIterable<Buffer>) {
    pieces.push(piece);
    bytes += piece.byteLength;
    if (bytes >= maxBytes) break;
  }
  return Buffer.concat(pieces, bytes).subarray(0, maxBytes);
}

/** The one text of a header; the first of several. */
export function textOf(header: string | string[] | undefined): string {
  return (Array.isArray(header) ? header[0] : header) ?? '';
}

async function unpack(packed: Buffer, encoding: string, maxBytes: number): Promise<Buffer> {
  const decode = Object.hasOwn(DECODERS, encoding) ? DECODERS[encoding as keyof typeof DECODERS] : null;
  if (!decode) throw fetchFailed();
  try {
    return await decode(packed, { maxOutputLength: maxBytes });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw resourceTooLarge(maxBytes);
    throw fetchFailed({ cause });
  }
}
