import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { describe, expect, it } from '@jest/globals';
import { multipartBody } from './multipart-body.js';

function fileOf(bytes: Buffer, name: string): Parameters<typeof multipartBody>[1] {
  const open = (): Readable => Readable.from([bytes.subarray(0, 3), bytes.subarray(3)]);
  return { name, mediaType: 'audio/wav\r\nx-evil: 1', sizeBytes: bytes.length, seconds: null, open };
}

describe(multipartBody.name, () => {
  const bytes = Buffer.from([0, 13, 10, 45, 45, 255, 254]);

  it('is read by others as what it was made of, and as long as it says', async () => {
    const fields = [
      ['model', 'whisper-1'],
      ['include[]', 'a'],
      ['include[]', 'b'],
      ['prompt', 'Grüße\r\n--x'],
    ] as const;
    const { contentType, contentLength, stream } = multipartBody(fields, fileOf(bytes, 'Grüße.wav'));
    const sent = await buffer(stream);
    expect(sent).toHaveLength(contentLength);
    const form = await new Response(new Uint8Array(sent), { headers: { 'content-type': contentType } }).formData();
    expect(form.getAll('include[]')).toEqual(['a', 'b']);
    expect(form.get('prompt')).toBe('Grüße\r\n--x');
    const file = form.get('file') as File;
    expect(Buffer.from(await file.arrayBuffer())).toEqual(bytes);
    expect(file.name).toBe('Grüße.wav');
  });

  it.each(['a"; name="model', 'a\r\n\r\nevil', 'a\nx'])('lets no name break out: %j', async (name) => {
    const { contentType, stream } = multipartBody([['model', 'm']], fileOf(bytes, name));
    const sent = await buffer(stream);
    const form = await new Response(new Uint8Array(sent), { headers: { 'content-type': contentType } }).formData();
    expect([...form.keys()]).toEqual(['model', 'file']);
    expect(form.get('model')).toBe('m');
    expect(sent.toString('latin1')).not.toContain('\r\nx-evil');
  });

  it('fails with the file', async () => {
    const broken = { ...fileOf(bytes, 'a'), open: () => Readable.from(failing()) };
    await expect(buffer(multipartBody([], broken).stream)).rejects.toThrow('The disk is gone.');
  });
});

async function* failing(): AsyncGenerator<Buffer> {
  yield await Promise.resolve(Buffer.from('a'));
  throw new Error('The disk is gone.');
}
