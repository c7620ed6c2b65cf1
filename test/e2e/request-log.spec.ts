import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { FakeOpenAi } from '../fakes/fake-openai.js';
import { type CapturedLog, captureLog } from '../support/capture-log.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

const fake = new FakeOpenAi({ requiresKey: false });
let log: CapturedLog;
let app: TestApp;

describe('request log', () => {
  beforeAll(async () => {
    log = captureLog();
    await fake.start();
    app = await startTestApp({
      env: { LOG_LEVEL: 'info' },
      gateway: { providers: { lab: { type: 'openai-compatible', base_url: fake.url, models: ['llama'] } } },
    });
  });
  beforeEach(() => {
    fake.reset();
  });
  afterAll(async () => {
    await app.close();
    await fake.stop();
    log.stop();
  });

  /** The line of the log for one chat request. */
  async function logged(stream: boolean): Promise<unknown> {
    const from = log.text().length;
    const body = { model: 'lab/llama', stream, messages: [{ role: 'user', content: 'One two three' }] };
    const response = await app.post('/v1/chat/completions', body);
    await response.text();
    const lines = await log.lines(1, from);
    return JSON.parse(lines.find((line) => line.includes(response.headers.get('x-request-id') ?? '?')) ?? 'null');
  }

  describe('the log of requests', () => {
    it('F15: names who was asked when nobody answered', async () => {
      fake.failWith(404);
      expect(await logged(false)).toMatchObject({
        level: 'error',
        status: 502,
        provider: 'lab',
        model: 'llama',
        attempts: 1,
        error: 'upstream_model_unavailable',
      });
    });

    it('F24: warns of a stream that broke after its head', async () => {
      fake.resetAfter(1);
      expect(await logged(true)).toMatchObject({
        level: 'warn',
        status: 200,
        provider: 'lab',
        error: 'upstream_stream_interrupted',
      });
    });

    it('tells of an answer as of anything usual', async () => {
      expect(await logged(true)).toMatchObject({ level: 'info', status: 200, provider: 'lab', error: null });
    });
  });
});
