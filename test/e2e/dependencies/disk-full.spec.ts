import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { TemporaryFolder } from '../../../src/media/temporary-folder.js';
import { FakeOpenAi } from '../../fakes/fake-openai.js';
import { FakeMedia } from '../../fakes/openai-media/fake-media.js';
import { makeWav } from '../../support/make-wav.js';
import { readSse } from '../../support/read-sse.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';
import { TinyDisk } from '../../support/tiny-disk.js';

const MEGABYTE = 1024 ** 2;
const MESSAGES = [{ role: 'user', content: 'Hello' }];
const data = TinyDisk.mount({ bytes: 4 * MEGABYTE });
const scratch = TinyDisk.mount({ bytes: 4 * MEGABYTE, files: 16 });

(data && scratch ? describe : describe.skip)('disks that are full, read-only or gone', () => {
  const openAi = new FakeOpenAi();
  const media = new FakeMedia();
  let app: TestApp;

  if (!data || !scratch) return;

  beforeAll(async () => {
    await Promise.all([openAi.start(), media.start()]);
    app = await startTestApp({
      env: { TRUNKLINE_DATA_DIR: data.path },
      gateway: {
        providers: {
          lab: { type: 'openai-compatible', base_url: openAi.url, api_keys: ['sk'] },
          media: { type: 'openai-compatible', base_url: media.url, api_keys: ['sk'] },
        },
        prices: { 'lab/m': { input: 1, output: 2 } },
      },
    });
    useFolder(scratch.path);
  });

  beforeEach(() => {
    data.empty();
    scratch.empty();
  });

  afterAll(async () => {
    await app.close();
    await Promise.all([openAi.stop(), media.stop()]);
    data.unmount();
    scratch.unmount();
  });

  const useFolder = (path: string): void => {
    Object.assign(app.nest.get(TemporaryFolder, { strict: false }), { path });
  };

  const chat = (stream = false): Promise<Response> =>
    app.post('/v1/chat/completions', { model: 'lab/m', stream, max_tokens: 20, messages: MESSAGES });

  async function upload(seconds = 1): Promise<{ status: number; code: string | null }> {
    const form = new FormData();
    form.set('model', 'media/whisper-1');
    form.set('file', new File([Uint8Array.from(makeWav(seconds))], 'godwit.wav', { type: 'audio/wav' }));
    const headers = { authorization: `Bearer ${app.adminKey}` };
    const response = await fetch(`${app.url}/v1/audio/transcriptions`, { method: 'POST', body: form, headers });
    const text = await response.text();
    return { status: response.status, code: /"code":"(\w+)"/.exec(text)?.[1] ?? null };
  }

  async function readiness(): Promise<{ code: number; details: Record<string, { status: string }> }> {
    const response = await app.get('/health/ready', { key: null });
    return { code: response.status, ...((await response.json()) as { details: Record<string, { status: string }> }) };
  }

  const faults: [string, string, () => void, () => void, { status: number; code: string }][] = [
    [
      'O08',
      'is full',
      () => {
        scratch.fill();
      },
      () => {
        scratch.empty();
      },
      { status: 507, code: 'storage_full' },
    ],
    [
      'O09',
      'has no place for another file',
      () => {
        scratch.fillPlaces();
      },
      () => {
        scratch.empty();
      },
      { status: 503, code: 'dependency_unavailable' },
    ],
    [
      'O09',
      'is read-only',
      () => {
        scratch.setReadOnly(true);
      },
      () => {
        scratch.setReadOnly(false);
      },
      { status: 503, code: 'dependency_unavailable' },
    ],
    [
      'O09',
      'is not there',
      () => {
        useFolder(join(scratch.path, 'gone'));
      },
      () => {
        useFolder(scratch.path);
      },
      { status: 503, code: 'dependency_unavailable' },
    ],
  ];

  it.each(faults)(
    '%s an upload is refused while the folder for files on their way %s, and nothing else is',
    async (_row, _name, begin, end, refusal) => {
      expect(await upload()).toEqual({ status: 200, code: null });
      begin();
      const before = scratch.files();
      try {
        expect(await upload()).toEqual(refusal);
        expect(scratch.files()).toEqual(before);
        expect((await chat()).status).toBe(200);
        expect(await readiness()).toMatchObject({ code: 200, details: { 'temporary-files': { status: 'degraded' } } });
      } finally {
        end();
      }
      expect(await upload()).toEqual({ status: 200, code: null });
      expect((await readiness()).details['temporary-files']).toEqual({ status: 'up' });
    },
  );

  it('O08 a file larger than the room that is left is refused, and leaves nothing', async () => {
    expect(await upload(800)).toEqual({ status: 507, code: 'storage_full' });
    expect(scratch.files()).toEqual([]);
  });

  it('O08 takes no paid work that it could not write down, and loses nothing of what is under way', async () => {
    const stall = openAi.stallAfter(2, { text: 'All of it, to the end.' });
    const stream = await chat(true);
    data.fill();
    let refused = await chat();
    // The last block of the file may have room for some more.
    for (let tries = 0; refused.status === 200 && tries < 50; tries += 1) refused = await chat();
    const served = openAi.requests.length;
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1']);
    expect(await refused.json()).toMatchObject({ error: { code: 'dependency_unavailable' } });
    expect([(await chat()).status, openAi.requests.length]).toEqual([503, served]);
    expect(await readiness()).toMatchObject({ code: 503, details: { 'ledger-file': { status: 'down' } } });
    stall.release();
    expect((await readSse(stream)).at(-1)?.data).toBe('[DONE]');
    expect((await app.ledgerRow(stream.headers.get('x-request-id') ?? '')).status).toBe('succeeded');
    data.empty();
    // Nobody has to send a request for that.
    expect(await readiness()).toMatchObject({ code: 200, details: { 'ledger-file': { status: 'up' } } });
    expect((await chat()).status).toBe(200);
  });

  it('O09 begins a new file where somebody removed the folder', async () => {
    rmSync(join(data.path, 'ledger'), { recursive: true });
    expect((await readiness()).code).toBe(200);
    const stall = openAi.stallAfter(1, { text: 'Once more.' });
    const stream = await chat(true);
    const [name = ''] = readdirSync(join(data.path, 'ledger'));
    expect(readFileSync(join(data.path, 'ledger', name), 'utf8')).toContain(stream.headers.get('x-request-id'));
    stall.release();
    await stream.text();
    rmSync(join(data.path, 'ledger'), { recursive: true });
    writeFileSync(join(data.path, 'ledger'), 'a file in its place');
    expect((await readiness()).details['ledger-file']).toMatchObject({ status: 'down' });
    rmSync(join(data.path, 'ledger'));
    expect((await readiness()).details['ledger-file']).toEqual({ status: 'up' });
    expect(existsSync(join(data.path, 'ledger'))).toBe(true);
    expect((await chat()).status).toBe(200);
  });
});
