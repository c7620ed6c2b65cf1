import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { makeGif, makeJpeg, makePng, makeWebp } from '../../../test/support/make-image.js';
import { makeZip } from '../../../test/support/make-zip.js';
import { AppError } from '../../core/errors/app-error.js';
import { checkImage, MAX_IMAGE_BYTES } from './check-image.js';
import { imageTypeOf } from './image-type.js';

function codeOf(bytes: Buffer): string | null {
  try {
    checkImage(bytes, 'here');
    return null;
  } catch (error) {
    if (!(error instanceof AppError) || error.param !== 'here') throw error;
    return error.code;
  }
}

const MAKERS = { 'image/png': makePng, 'image/jpeg': makeJpeg, 'image/gif': makeGif, 'image/webp': makeWebp } as const;
const TYPES = Object.entries(MAKERS);

describe('looking at an image without decoding it', () => {
  it.each(TYPES)('tells the size of an %s', (mediaType, make) => {
    expect(checkImage(make(321, 45), 'here')).toEqual({ mediaType, size: { width: 321, height: 45 } });
  });

  it('reads real pictures of the smallest kind', () => {
    const pictures = {
      'image/png': 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
      'image/gif': 'R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7',
      'image/webp': 'UklGRiIAAABXRUJQVlA4IBYAAAAwAQCdASoBAAEADsD+JaQAA3AAAAAA',
    };
    for (const [mediaType, data] of Object.entries(pictures)) {
      expect(checkImage(Buffer.from(data, 'base64'), 'here')).toEqual({ mediaType, size: { width: 1, height: 1 } });
    }
    // Lossless: its own way of writing a size.
    const lossless = Buffer.from('UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA==', 'base64');
    expect(checkImage(lossless, 'here').size).toEqual({ width: 1, height: 1 });
  });

  it.each<[string, Buffer]>([
    ['a PNG of 60,000 x 60,000', makePng(60_000, 60_000)],
    ['a JPEG of 65,535 x 1', makeJpeg(65_535, 1)],
    ['a WebP of 16,777,216 pixels in a row', makeWebp(16_777_216, 1)],
    ['a GIF of 30,000 x 30,000', makeGif(30_000, 30_000)],
    ['16,000 x 16,000', makePng(16_000, 16_000)],
    ['a GIF of 10,000 frames', makeGif(2, 2, 10_000)],
    ['a PNG of 10,000 frames', makePng(2, 2, 10_000)],
    ['a WebP of 10,000 frames', makeWebp(2, 2, 10_000)],
    ['21 MB', Buffer.concat([makePng(2, 2), Buffer.alloc(MAX_IMAGE_BYTES)])],
  ])('S12: %s is too large', (_name, bytes) => {
    expect(codeOf(bytes)).toBe('image_too_large');
  });

  it('S12: looks at the frames of a GIF, not only at its screen', () => {
    const small = makeGif(1, 1);
    const at = small.lastIndexOf(0x2c);
    small.writeUInt16LE(60_000, at + 5);
    small.writeUInt16LE(60_000, at + 7);
    expect(codeOf(small)).toBe('image_too_large');
  });

  const svg = '<svg xmlns="http://www.w3.org/2000/svg"><script>1</script><image xlink:href="http://127.0.0.1/"/></svg>';
  const zip = makeZip([{ name: 'a.txt', content: 'hello' }]);
  const heic = '\0\0\0\x18ftypheic\0\0\0\0heicmif1';
  it.each<[string, Buffer]>([
    ['SVG', Buffer.from(svg)],
    [
      'SVG with an entity',
      Buffer.from(`<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>${svg}`),
    ],
    ['TIFF', Buffer.from('II*\0\x08\0\0\0', 'latin1')],
    ['big-endian TIFF', Buffer.from('MM\0*\0\0\0\x08', 'latin1')],
    ['HEIC', Buffer.from(heic, 'latin1')],
    ['ICO', Buffer.from([0, 0, 1, 0, 1, 0, 16, 16])],
    ['BMP', Buffer.from('BM000000', 'latin1')],
    ['HTML', Buffer.from('<!doctype html><p>no</p>')],
    ['PDF', Buffer.from('%PDF-1.7')],
    ['nothing', Buffer.alloc(0)],
    ['a PNG without a side', makePng(0, 5)],
    ['a GIF that is a script', Buffer.from('GIF89a/*\0\0\0\0\0\0*/=1;alert(1)', 'latin1')],
    ['a GIF without a frame', makeGif(5, 5, 0)],
    ['a PNG of a great many empty chunks', crowded(makePng(5, 5), -12, 12)],
    ['a WebP of a great many empty chunks', crowded(makeWebp(5, 5), 30, 8)],
    ['a WebP that is cut off', makeWebp(5, 5).subarray(0, 20)],
    ['a RIFF that is no image', Buffer.from('RIFF\x04\0\0\0WEBP', 'latin1')],
    ['a JPEG without a picture', Buffer.from([0xff, 0xd8, 0xff, 0xd9])],
    ...TYPES.flatMap(([type, make]): [string, Buffer][] => [
      [`${type} and a ZIP`, Buffer.concat([make(2, 2), zip])],
      [`${type}, something and a ZIP`, Buffer.concat([make(2, 2), Buffer.from('~~~~'.repeat(300)), zip])],
      [`${type} and a page`, Buffer.concat([make(2, 2), Buffer.from('\n<html><script>1</script>')])],
      [`${type} and a PDF`, Buffer.concat([make(2, 2), Buffer.from('%PDF-1.7')])],
      [`${type} and a program`, Buffer.concat([make(2, 2), Buffer.from('\x7fELF\x02', 'latin1')])],
    ]),
  ])('S12: %s is unsupported', (_name, bytes) => {
    expect(codeOf(bytes)).toBe('unsupported_image');
  });

  it('takes what cameras write behind a JPEG, and one without an end', () => {
    const whole = makeJpeg(20, 10);
    expect(codeOf(Buffer.concat([whole, makeJpeg(2, 2)]))).toBeNull();
    expect(codeOf(Buffer.concat([whole, Buffer.from('SEFH\x6a\0\0\0', 'latin1')]))).toBeNull();
    expect(codeOf(whole.subarray(0, -2))).toBeNull();
    const filled = Buffer.concat([whole.subarray(0, 2), Buffer.from([0xff, 0xff]), whole.subarray(2)]);
    expect(checkImage(filled, 'here').size).toEqual({ width: 20, height: 10 });
  });

  it.each(TYPES)('has an answer for an %s with any damage', (_type, make) => {
    const image = make(64, 48);
    const damage = fc.array(fc.tuple(fc.nat(image.length - 1), fc.nat(255)), { maxLength: 8 });
    fc.assert(
      fc.property(damage, fc.nat(image.length), (changes, length) => {
        const damaged = Buffer.from(image);
        for (const [at, value] of changes) damaged[at] = value;
        expect([null, 'unsupported_image', 'image_too_large']).toContain(codeOf(damaged.subarray(0, length)));
      }),
      { numRuns: 300 },
    );
  });

  it.each(['image/gif', 'image/png', 'image/jpeg', 'image/webp'] as const)(
    'goes forward in 20 MB of an endless %s',
    (type) => {
      const head = { 'image/gif': makeGif(2, 2).subarray(0, -1), 'image/jpeg': makeJpeg(2, 2).subarray(0, -2) };
      const start = type === 'image/gif' || type === 'image/jpeg' ? head[type] : MAKERS[type](2, 2).subarray(0, -12);
      for (const filling of [0x00, 0xff, 0x21, 0x2c]) {
        const bytes = Buffer.concat([start, Buffer.alloc(MAX_IMAGE_BYTES - start.length, filling)]);
        expect(imageTypeOf(bytes)).toBe(type);
        expect([null, 'unsupported_image', 'image_too_large']).toContain(codeOf(bytes));
      }
    },
  );
});

/** The image with a quarter of a million empty chunks of so many bytes at a place. */
function crowded(image: Buffer, at: number, chunkBytes: number): Buffer {
  const crowd = Buffer.alloc(250_000 * chunkBytes);
  const whole = Buffer.concat([image.subarray(0, at), crowd, image.subarray(at)]);
  if (chunkBytes === 8) whole.writeUInt32LE(whole.length - 8, 4);
  return whole;
}
