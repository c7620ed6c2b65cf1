import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { HostResolver } from '../../src/egress/host-resolver.js';
import { Gauntlet } from '../support/gauntlet.js';
import { dataUrl, makeGif, makeJpeg, makePng, makeWebp } from '../support/make-image.js';
import { startCanaries, type WebHost } from '../support/web-host.js';

const CODES = { url: 'url_not_allowed', scheme: 'url_scheme_not_allowed', port: 'url_port_not_allowed' } as const;
const PARAM = 'messages[0].content[1].image_url.url';

describe('bad inputs: URLs and images (bad-inputs, S01 to S07, S12, S13)', () => {
  let gauntlet: Gauntlet;
  const canaries: WebHost[] = [];

  beforeAll(async () => {
    gauntlet = await Gauntlet.start();
    canaries.push(...(await startCanaries()));
  });

  beforeEach(() => {
    gauntlet.openAi.reset();
  });

  afterAll(async () => {
    const visits = canaries.map(({ connections }) => connections);
    await Promise.all(canaries.map((canary) => canary.stop()));
    await gauntlet.close();
    expect(visits).toEqual(canaries.map(() => 0));
  });

  const body = (url: string): object => ({
    model: 'openai/gpt-4o',
    messages: [
      {
        role: 'user',
        content: [
          { type: 'text', text: 'What is it?' },
          { type: 'image_url', image_url: { url } },
        ],
      },
    ],
  });

  const refuses = (url: string, code: string | string[], status: number | number[] = 400): Promise<void> =>
    gauntlet.refuses('/v1/chat/completions', body(url), { code, status, param: PARAM });

  it('S01: never connects to this machine, whichever surface is asked, streamed or not', async () => {
    for (const { origin } of canaries) {
      await refuses(`${origin}/cat.png`, CODES.url);
      for (const path of ['/v1/chat', '/v1/chat/stream']) {
        // A system text of the client's stands before the message that it means.
        await gauntlet.refuses(
          path,
          { ...body(`${origin}/cat.png`), system: 'Be kind.' },
          { code: CODES.url, param: PARAM },
        );
      }
      await gauntlet.refuses('/v1/chat/completions', { ...body(`${origin}/a`), stream: true }, { code: CODES.url });
    }
  });

  it('S01: holds files that a provider reads by their URL to the same', async () => {
    const parts = [{ type: 'file', file: { file_id: 'http://127.0.0.1/a.pdf' } }];
    const asked = { model: 'openai/gpt-4o', messages: [{ role: 'user', content: parts }] };
    const param = 'messages[0].content[0].file.file_id';
    await gauntlet.refuses('/v1/chat/completions', asked, { code: CODES.url, param });
  });

  it('hands a public URL on to who fetches it itself, without asking for its address', async () => {
    let lookups = 0;
    const resolver = gauntlet.app.nest.get(HostResolver, { strict: false });
    const resolve = resolver.resolve.bind(resolver);
    resolver.resolve = (hostname) => {
      lookups += 1;
      return resolve(hostname);
    };
    const response = await gauntlet.send('/v1/chat/completions', body('https://example.com/cat.png'));
    expect([response.status, lookups]).toEqual([200, 0]);
    expect(JSON.stringify(gauntlet.openAi.requests[0]?.body)).toContain('"url":"https://example.com/cat.png"');
    resolver.resolve = resolve;
  });

  it.each<[string, string, string]>([
    ['no base64', 'data:image/png,AAAA', 'invalid_data_url'],
    ['bad base64', 'data:image/png;base64,A*A=', 'invalid_data_url'],
    ['a page', 'data:text/html;base64,PGI+', 'invalid_data_url'],
    ['a page that says it is an image', 'data:image/png;base64,PGI+', 'invalid_data_url'],
    ['another type than it says', dataUrl(makeJpeg(2, 2), 'image/png'), 'invalid_data_url'],
    ['one in another', dataUrl(Buffer.from(dataUrl(makePng(2, 2), 'image/png')), 'image/png'), 'invalid_data_url'],
    ['nothing', 'data:image/png;base64,', 'invalid_data_url'],
    ['a PNG of 60,000 x 60,000', dataUrl(makePng(60_000, 60_000), 'image/png'), 'image_too_large'],
    ['a GIF of 10,000 frames', dataUrl(makeGif(2, 2, 10_000), 'image/gif'), 'image_too_large'],
    ['a WebP of 10,000 frames', dataUrl(makeWebp(2, 2, 10_000), 'image/webp'), 'image_too_large'],
    ['SVG', dataUrl(Buffer.from('<svg/>'), 'image/svg+xml'), 'unsupported_image'],
    ['TIFF', dataUrl(Buffer.from('II*\0'), 'image/tiff'), 'unsupported_image'],
    ['HEIC', dataUrl(Buffer.from('\0\0\0\x18ftypheic'), 'image/heic'), 'unsupported_image'],
    ['ICO', dataUrl(Buffer.from([0, 0, 1, 0, 1, 0]), 'image/x-icon'), 'unsupported_image'],
    ['a GIF that is a script', dataUrl(Buffer.from('GIF89a/*\0\0\0*/=1;alert(1)'), 'image/gif'), 'unsupported_image'],
    [
      'a PNG and a page',
      dataUrl(Buffer.concat([makePng(2, 2), Buffer.from('<html>')]), 'image/png'),
      'unsupported_image',
    ],
  ])('S12 S13: refuses %s', async (_name, url, code) => {
    await refuses(url, code);
  });

  it('S13: refuses fifty megabytes', async () => {
    const url = `data:image/png;base64,${'A'.repeat(50 * 1024 ** 2)}`;
    const response = await gauntlet.send('/v1/chat/completions', body(url)).catch(() => null);
    // The connection may close before everything is sent.
    if (response) expect(response.status).toBe(413);
    await response?.text().catch(() => null);
    await gauntlet.expectUnharmed();
  });
});
