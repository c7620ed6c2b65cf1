import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import type { AudioFile } from '../../../core/media/media-request.js';

/** A form on its way out. */
export interface MultipartBody {
  readonly contentType: string;
  readonly contentLength: number;
  /** Made anew for each request: it opens the file when it is first read. */
  readonly stream: Readable;
}

/** A form of these fields, and the file as `file` behind them. */
export function multipartBody(fields: readonly (readonly [string, string])[], file: AudioFile): MultipartBody {
  const boundary = `trunkline-${randomUUID()}`;
  const parts = fields.map(([name, value]) => `--${boundary}\r\n${disposition(name)}\r\n\r\n${value}\r\n`);
  const type = file.mediaType === '' ? 'application/octet-stream' : file.mediaType.replace(/[\r\n]/g, '');
  const head = `--${boundary}\r\n${disposition('file')}; filename="${quoted(file.name)}"\r\ncontent-type: ${type}\r\n\r\n`;
  const before = Buffer.from(parts.join('') + head);
  const after = Buffer.from(`\r\n--${boundary}--\r\n`);
  const stream = Readable.from(piecesOf(before, file, after), { objectMode: false });
  // Whoever sends it hears of it by the request.
  stream.on('error', () => undefined);
  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    contentLength: before.length + file.sizeBytes + after.length,
    stream,
  };
}

async function* piecesOf(before: Buffer, file: AudioFile, after: Buffer): AsyncGenerator<Buffer> {
  yield before;
  yield* file.open() as AsyncIterable<Buffer>;
  yield after;
}

function disposition(name: string): string {
  return `content-disposition: form-data; name="${quoted(name)}"`;
}

// As browsers write names.
function quoted(text: string): string {
  return text.replaceAll('"', '%22').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}
