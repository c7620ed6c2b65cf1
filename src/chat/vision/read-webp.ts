import { type ImageShape, MOST_CHUNKS } from './image-formats.js';

const HEAD_BYTES = 12;
const CHUNK_HEAD_BYTES = 8;
const SIDE_MASK = 0x3fff;

/** The shape of a WebP (RFC 9649, section 2), animated or not; null when it is broken or cut off. */
export function readWebp(bytes: Buffer): ImageShape | null {
  const end = HEAD_BYTES > bytes.length ? 0 : CHUNK_HEAD_BYTES + bytes.readUInt32LE(4);
  if (end < HEAD_BYTES || end > bytes.length) return null;
  let size = { width: 0, height: 0 };
  let frames = 0;
  let at = HEAD_BYTES;
  for (let chunk = 0; at + CHUNK_HEAD_BYTES <= end; chunk += 1) {
    if (chunk >= MOST_CHUNKS) return null;
    const type = bytes.toString('latin1', at, at + 4);
    const length = bytes.readUInt32LE(at + 4);
    const data = bytes.subarray(at + CHUNK_HEAD_BYTES, Math.min(end, at + CHUNK_HEAD_BYTES + length));
    if (data.length < length) return null;
    if (type === 'ANMF') frames += 1;
    const found = sizeIn(type, data);
    if (found) size = { width: Math.max(size.width, found.width), height: Math.max(size.height, found.height) };
    // Chunks of an odd length are filled up.
    at += CHUNK_HEAD_BYTES + length + (length % 2);
  }
  return size.width === 0 ? null : { ...size, frames: Math.max(1, frames), end };
}

function sizeIn(type: string, data: Buffer): { width: number; height: number } | null {
  if (data.length < 10) return null;
  switch (type) {
    case 'VP8X':
      return { width: data.readUIntLE(4, 3) + 1, height: data.readUIntLE(7, 3) + 1 };
    case 'VP8L': {
      const bits = data.readUInt32LE(1);
      return { width: (bits & SIDE_MASK) + 1, height: ((bits >>> 14) & SIDE_MASK) + 1 };
    }
    case 'VP8 ':
      return { width: data.readUInt16LE(6) & SIDE_MASK, height: data.readUInt16LE(8) & SIDE_MASK };
    default:
      return null;
  }
}
