import type { ImageShape } from './image-formats.js';

const START_OF_SCAN = 0xda;
const END_OF_IMAGE = 0xd9;
// The markers from C0 to CF begin a picture, but for those of tables and of an extension that nobody made.
const NO_PICTURE = new Set([0xc4, 0xc8, 0xcc]);

/** The shape of a JPEG (ITU-T T.81, annex B); null when it is broken. One without an end is whole as far as it goes. */
export function readJpeg(bytes: Buffer): ImageShape | null {
  const picture = { width: 0, height: 0 };
  let hasScan = false;
  let at = 2;
  while (at + 4 <= bytes.length && bytes[at + 1] !== END_OF_IMAGE) {
    const segment = segmentAt(bytes, at);
    if (!segment) return null;
    if (isPicture(segment.marker) && segment.next >= at + 9) enlarge(picture, bytes, at);
    hasScan ||= segment.marker === START_OF_SCAN;
    at = segment.next;
  }
  if (!hasScan || picture.width === 0 || picture.height === 0) return null;
  return { ...picture, frames: 1, end: Math.min(bytes.length, at + 2) };
}

function segmentAt(bytes: Buffer, at: number): { marker: number; next: number } | null {
  if (bytes[at] !== 0xff) return null;
  const marker = bytes[at + 1] ?? 0;
  if (isAlone(marker)) return { marker, next: at + (marker === 0xff ? 1 : 2) };
  const next = at + 2 + bytes.readUInt16BE(at + 2);
  if (next > bytes.length || next < at + 4) return null;
  return { marker, next: marker === START_OF_SCAN ? endOfScan(bytes, next) : next };
}

function isPicture(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && !NO_PICTURE.has(marker);
}

function enlarge(picture: { width: number; height: number }, bytes: Buffer, segment: number): void {
  picture.height = Math.max(picture.height, bytes.readUInt16BE(segment + 5));
  picture.width = Math.max(picture.width, bytes.readUInt16BE(segment + 7));
}

// Fill bytes, restarts and what has no segment behind it.
function isAlone(marker: number): boolean {
  return marker === 0xff || marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8);
}

// Within a scan FF is data before 00, and a restart before D0 to D7. Byte by byte: a search for each FF costs more.
function endOfScan(bytes: Buffer, start: number): number {
  for (let at = start; at + 1 < bytes.length; at += 1) {
    if (bytes[at] !== 0xff) continue;
    const next = bytes[at + 1] ?? 0;
    if (next !== 0x00 && next !== 0xff && !(next >= 0xd0 && next <= 0xd7)) return at;
  }
  return bytes.length;
}
