import { type ImageShape, MOST_CHUNKS } from './image-formats.js';

const SIGNATURE_BYTES = 8;
// Length, type and checksum.
const FRAME_BYTES = 12;
const HEADER_BYTES = 13;

/** The shape of a PNG, animated or not (PNG, third edition, sections 5 and 11); null when it is broken or cut off. */
export function readPng(bytes: Buffer): ImageShape | null {
  if (bytes.length < SIGNATURE_BYTES + FRAME_BYTES + HEADER_BYTES) return null;
  if (bytes.readUInt32BE(SIGNATURE_BYTES) !== HEADER_BYTES || typeAt(bytes, SIGNATURE_BYTES) !== 'IHDR') return null;
  let frames = 1;
  let at = SIGNATURE_BYTES;
  for (let chunk = 0; chunk < MOST_CHUNKS && at + FRAME_BYTES <= bytes.length; chunk += 1) {
    const type = typeAt(bytes, at);
    const next = at + FRAME_BYTES + bytes.readUInt32BE(at);
    if (next > bytes.length) return null;
    if (type === 'acTL' && next >= at + FRAME_BYTES + 4) frames = Math.max(frames, bytes.readUInt32BE(at + 8));
    if (type === 'IEND') return { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20), frames, end: next };
    at = next;
  }
  return null;
}

function typeAt(bytes: Buffer, chunk: number): string {
  return bytes.toString('latin1', chunk + 4, chunk + 8);
}
