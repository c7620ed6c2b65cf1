import { open } from 'node:fs/promises';

const CHUNK_BYTES = 256 * 1024;
const NEWLINE = 0x0a;

/** A line of a segment and where the next one begins. */
export interface SegmentLine {
  readonly text: string;
  readonly endsAt: number;
}

/**
 * The next lines of a file from a byte on, a quarter of a megabyte or one line that is longer; none at its end. What a crash
 * left of a last line is not one.
 */
export async function readLines(path: string, offset: number): Promise<SegmentLine[]> {
  const file = await open(path, 'r');
  try {
    for (let size = CHUNK_BYTES; ; size *= 2) {
      const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(size), 0, size, offset);
      const lines = split(buffer.subarray(0, bytesRead), offset);
      if (lines.length > 0 || bytesRead < size) return lines;
    }
  } finally {
    await file.close();
  }
}

/** Whether reading failed because there is no such file any more. */
export function isMissing(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT';
}

function split(bytes: Buffer, offset: number): SegmentLine[] {
  const lines: SegmentLine[] = [];
  for (let start = 0; ;) {
    const end = bytes.indexOf(NEWLINE, start);
    if (end === -1) return lines;
    lines.push({ text: bytes.toString('utf8', start, end), endsAt: offset + end + 1 });
    start = end + 1;
  }
}
