import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Clock } from '../../src/core/clock.js';
import { drainAndClose } from '../../src/shutdown.js';
import { fromItems } from '../../src/usage/ledger/ledger-entry.js';
import { LedgerStore } from '../../src/usage/ledger/ledger-store.js';
import { FakeOpenAi } from '../fakes/fake-openai.js';
import { readSse } from '../support/read-sse.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

const DRAIN_SECONDS = 601;
const LONG_MS = 600_000;

describe('shutdown', () => {
  const provider = new FakeOpenAi();
  let app: TestApp;

  beforeAll(async () => {
    await provider.start();
    app = await startTestApp({
      gateway: {
        providers: { lab: { type: 'openai-compatible', base_url: provider.url, api_keys: ['sk-lab'] } },
        models: { patient: { targets: ['lab/m'], timeouts: { first_content_ms: LONG_MS, idle_ms: LONG_MS } } },
      },
      env: { DRAIN_SECONDS: String(DRAIN_SECONDS), STREAM_COMMIT_MS: '100' },
    });
  });

  afterAll(async () => {
    await app.close();
    await provider.stop();
  });

  const stream = (): Promise<Response> =>
    app.post('/v1/chat/completions', {
      model: 'patient',
      stream: true,
      messages: [{ role: 'user', content: 'Hello' }],
    });

  /** The time for answers is over when the function that it gives is called. */
  function holdDrain(): () => Promise<void> {
    const clock = app.nest.get(Clock);
    const schedule = clock.schedule.bind(clock);
    const { promise: held, resolve: hold } = Promise.withResolvers<() => void>();
    jest.spyOn(clock, 'schedule').mockImplementation((work, ms) => {
      if (ms === DRAIN_SECONDS * 1_000) hold(work);
      return schedule(work, ms);
    });
    return async () => {
      (await held)();
    };
  }

  it('lets short answers finish, tells the others why they end, and bills them all', async () => {
    const short = provider.stallAfter(2, { text: 'All of it.' });
    const finishing = await stream();
    provider.stallAfter(2, { text: 'Never all of it.' });
    const cut = await stream();
    provider.stallAfter(0);
    const silent = await stream();
    const insert = jest.spyOn(app.nest.get(LedgerStore), 'settle');
    const endDrain = holdDrain();
    const closing = drainAndClose(app.nest);
    short.release();
    const whole = await readSse(finishing);
    await endDrain();
    const parts = await Promise.all([cut, silent].map(readSse));
    await closing;
    expect(whole.at(-1)?.data).toBe('[DONE]');
    for (const part of parts) {
      expect(JSON.parse(part.at(-1)?.data ?? '')).toMatchObject({ error: { code: 'server_shutting_down' } });
    }
    await expect(stream()).rejects.toThrow();
    await Promise.all(insert.mock.results.map(({ value }) => value as Promise<void>));
    const billed = insert.mock.calls.flatMap(([entries]) =>
      entries.flatMap(({ request }) => fromItems(request)).map((row) => [row.status, row.error_code ?? null]),
    );
    expect(billed).toEqual([
      ['succeeded', null],
      ['failed', 'server_shutting_down'],
      ['failed', 'server_shutting_down'],
    ]);
  });
});
