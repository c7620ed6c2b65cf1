import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { BodyDigest, boundaryOf } from './body-digest.js';

type FakeRequest = PassThrough & { complete: boolean; headers: Record<string, string> };

function requestOf(...chunks: string[]): IncomingMessage & FakeRequest {
  const request = Object.assign(new PassThrough(), { complete: true, headers: {} });
  for (const chunk of chunks) request.write(chunk);
  request.end();
  return request as unknown as IncomingMessage & FakeRequest;
}

const form = (boundary: string, content: string): string =>
  `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n${content}\r\n--${boundary}--\r\n`;

async function digestOf(boundary: string, ...chunks: string[]): Promise<string | null> {
  return new BodyDigest(requestOf(...chunks), boundary).drain();
}

describe('the digest of a form', () => {
  it('does not depend on its boundary, wherever the body is split', async () => {
    const expected = await digestOf('aaaa', form('aaaa', 'birds and aaa'));
    const text = form('bcbcb', 'birds and aaa');
    for (let at = 1; at < text.length; at += 1) {
      expect([at, await digestOf('bcbcb', text.slice(0, at), text.slice(at))]).toEqual([at, expected]);
    }
    expect(await digestOf('bcbcb', ...Array.from(text))).toBe(expected);
  });

  it('depends on everything else', async () => {
    const digests = await Promise.all(
      ['birds', 'birdz', 'birds ', ''].map((content) => digestOf('aaaa', form('aaaa', content))),
    );
    expect(new Set(digests).size).toBe(4);
  });

  it('comes to be while somebody else reads, who loses nothing', async () => {
    const text = form('aaaa', 'x'.repeat(300_000));
    const request = requestOf(text);
    const digest = new BodyDigest(request, 'aaaa');
    await new Promise(setImmediate);
    expect(digest.digest()).toBeNull();
    let read = '';
    for await (const chunk of request.pipe(new PassThrough())) read += String(chunk);
    expect([read === text, digest.digest()]).toEqual([true, await digestOf('aaaa', text)]);
  });
});

describe('the boundary', () => {
  it.each([
    ['multipart/form-data; boundary=abc', 'abc'],
    ['Multipart/Form-Data; charset=utf-8; Boundary="a b"', 'a b'],
    ['multipart/form-data; boundary=abc; charset=utf-8', 'abc'],
    ['multipart/form-data', null],
    ['application/json; boundary=abc', null],
    [undefined, null],
  ])('of %j is %j', (type, expected) => {
    const headers = type === undefined ? {} : { 'content-type': type };
    expect(boundaryOf({ headers } as IncomingMessage)).toBe(expected);
  });
});
