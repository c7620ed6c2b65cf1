import { type ImageShape, MOST_COUNTED_FRAMES } from './image-formats.js';

const SCREEN_BYTES = 13;
const DESCRIPTOR_BYTES = 10;
const EXTENSION = 0x21;
const IMAGE = 0x2c;
const TRAILER = 0x3b;

/** The shape of a GIF (GIF89a, sections 17 to 27), its frames counted one by one; null when it is broken. */
export function readGif(bytes: Buffer): ImageShape | null {
  if (bytes.length < SCREEN_BYTES) return null;
  let width = bytes.readUInt16LE(6);
  let height = bytes.readUInt16LE(8);
  let frames = 0;
  let at = SCREEN_BYTES + tableBytes(bytes[10]);
  while (at < bytes.length && frames <= MOST_COUNTED_FRAMES) {
    const block = bytes[at];
    if (block === TRAILER) return frames === 0 ? null : { width, height, frames, end: at + 1 };
    if (block === EXTENSION) at = endOfSubBlocks(bytes, at + 2);
    else if (block === IMAGE && at + DESCRIPTOR_BYTES < bytes.length) {
      frames += 1;
      // A frame may be larger than the screen it says to be on.
      width = Math.max(width, bytes.readUInt16LE(at + 1) + bytes.readUInt16LE(at + 5));
      height = Math.max(height, bytes.readUInt16LE(at + 3) + bytes.readUInt16LE(at + 7));
      at = endOfSubBlocks(bytes, at + DESCRIPTOR_BYTES + tableBytes(bytes[at + 9]) + 1);
    } else return null;
  }
  return frames > MOST_COUNTED_FRAMES ? { width, height, frames, end: bytes.length } : null;
}

// A table of 2 to 256 colours of three bytes, where the flags say that there is one.
function tableBytes(flags = 0): number {
  return (flags & 0x80) === 0 ? 0 : 3 * 2 ** ((flags & 0x07) + 1);
}

function endOfSubBlocks(bytes: Buffer, start: number): number {
  let at = start;
  for (let size = bytes[at]; size !== undefined && size !== 0; size = bytes[at]) at += size + 1;
  return at + 1;
}
