import { randomUUID } from 'node:crypto';
import { accessSync, constants, statfsSync } from 'node:fs';
import { type FileHandle, open, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { AppError, InvalidRequestError } from '../core/errors/app-error.js';

const PRIVATE = 0o600;
const PIECE_BYTES = 64 * 1024;
const RETRY_MS = 10_000;
const FULL: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT']);

/** A file of the operating system's that nobody else sees. */
interface TemporaryFile {
  readonly sizeBytes: number;
  readonly open: () => Readable;
  readonly close: () => void;
}

/**
 * Keeps what comes in a file that has no name any more as soon as it is there, so that it goes when it is closed, or when the
 * process dies. Throws `file_too_large`, `empty_file`, `storage_full`, `dependency_unavailable` where no file can be made, and what the stream fails with; then nothing is left.
 */
export async function keepInFile(
  stream: AsyncIterable<Buffer>,
  limitBytes: number,
  folder: string = tmpdir(),
): Promise<TemporaryFile> {
  const handle = await openNameless(folder).catch(refuseUnusable);
  try {
    const sizeBytes = await write(handle, stream, limitBytes);
    if (sizeBytes === 0) throw new InvalidRequestError('empty_file', 'The file is empty.', { param: 'file' });
    return {
      sizeBytes,
      open: () => Readable.from(read(handle, sizeBytes), { objectMode: false }),
      close: () => {
        void handle.close().catch(() => undefined);
      },
    };
  } catch (error) {
    await handle.close();
    return refuseFull(error);
  }
}

/** Whether files can be kept in the folder at present. */
export function hasRoom(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    const { bavail, files, ffree } = statfsSync(folder);
    // Some file systems do not count their places for files.
    return bavail > 0 && (files === 0 || ffree > 0);
  } catch {
    return false;
  }
}

async function openNameless(folder: string): Promise<FileHandle> {
  const path = join(folder, `trunkline-${randomUUID()}`);
  const handle = await open(path, 'wx+', PRIVATE);
  try {
    await unlink(path);
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

// Missing, read-only, or without a place for another file: nothing that a client could mend.
function refuseUnusable(error: unknown): never {
  const message = 'The server cannot keep files on their way. Try again later, and tell whoever runs it.';
  throw new AppError('dependency_unavailable', message, { retryAfterMs: RETRY_MS, cause: error });
}

function refuseFull(error: unknown): never {
  const isFull = typeof error === 'object' && error !== null && 'code' in error && FULL.has(String(error.code));
  if (!isFull) throw error;
  const message = 'The disk for files on their way is full. Tell whoever runs this server.';
  throw new AppError('storage_full', message, { cause: error });
}

/** The error for a file past the limit. */
export function audioTooLarge(limitBytes: number): AppError {
  const message = `The file is larger than ${String(limitBytes)} bytes. Split it, or compress the sound.`;
  return new AppError('file_too_large', message, { param: 'file' });
}

async function write(handle: FileHandle, stream: AsyncIterable<Buffer>, limitBytes: number): Promise<number> {
  let bytes = 0;
  for await (const piece of stream) {
    if (bytes + piece.length > limitBytes) throw audioTooLarge(limitBytes);
    for (let done = 0; done < piece.length;) {
      const { bytesWritten } = await handle.write(piece, done, piece.length - done, bytes + done);
      done += bytesWritten;
    }
    bytes += piece.length;
  }
  return bytes;
}

// A stream of the file's own would close it when it is destroyed.
async function* read(handle: FileHandle, sizeBytes: number): AsyncGenerator<Buffer, void> {
  for (let position = 0; position < sizeBytes;) {
    const piece = Buffer.allocUnsafe(Math.min(PIECE_BYTES, sizeBytes - position));
    const { bytesRead } = await handle.read(piece, 0, piece.length, position);
    if (bytesRead === 0) throw new Error('The file is shorter than what was written.');
    yield piece.subarray(0, bytesRead);
    position += bytesRead;
  }
}
