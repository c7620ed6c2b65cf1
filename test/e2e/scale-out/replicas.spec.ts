import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type OpenAI from 'openai';
import { runsOnServer } from '../../support/database.js';
import { REPLICA_HEADER } from '../../support/round-robin.js';
import type { TestApp } from '../../support/test-app.js';
import { ReplicaBench, told, until } from './replica-bench.js';

interface Status {
  id: string;
  status: string;
}

if (!runsOnServer) {
  process.stderr.write('Replicas need a PostgreSQL server (TEST_DATABASE_URL): a client of both is not tested.\n');
}

// The embedded database belongs to one process.
(runsOnServer ? describe : describe.skip)('two replicas behind one address, each request at the other', () => {
  const bench = new ReplicaBench();
  const catalog = join(bench.directory, 'catalog.json');
  let both: TestApp;
  let client: OpenAI;

  beforeAll(async () => {
    await bench.start();
    writeCatalog(1);
    for (let count = 0; count < 2; count += 1) await bench.add({ CATALOG_FILE: catalog });
    both = await bench.join();
    client = bench.client(both.url);
  });
  beforeEach(() => {
    bench.lab.reset();
    for (const app of bench.apps) app.resetProviders();
  });
  afterAll(async () => {
    await both.close();
    await bench.stop();
  });

  function writeCatalog(inputPrice: number): void {
    const prices = { input: inputPrice, output: 2 };
    const limits = { contextWindow: 8_000, maxOutputTokens: 1_000, dimensions: null, tiers: [] };
    const capabilities = { streaming: true, tools: true, vision: false, jsonSchema: false, reasoning: false };
    const more = { promptCaching: false, assistantPrefill: false };
    const model = { vendor: 'other', model: 'any', kind: 'chat', prices, ...limits };
    writeFileSync(catalog, JSON.stringify({ models: [{ ...model, capabilities: { ...capabilities, ...more } }] }));
  }

  const show = (path: string): Promise<Status> => told<Status>(both.get(path));
  const answersOfBoth = async <T>(ask: () => Promise<T>): Promise<T[]> => [await ask(), await ask()];

  it('takes turns', async () => {
    const replicas = await answersOfBoth(async () => (await both.get('/health/live')).headers.get(REPLICA_HEADER));
    expect(replicas.sort()).toEqual(['0', '1']);
  });

  it('goes on with a conversation', async () => {
    bench.lab
      .reply(({ body }) => ({ text: `answer ${String((body as { messages: unknown[] }).messages.length)}` }))
      .times(6);
    let id: string | undefined;
    const texts: string[] = [];
    for (let turn = 0; turn < 6; turn += 1) {
      const said = await told<{ content: string; conversation_id: string }>(
        both.post('/v1/chat', {
          message: `turn ${String(turn)}`,
          model: 'chat',
          ...(id !== undefined && { conversation_id: id }),
        }),
      );
      id = said.conversation_id;
      texts.push(said.content);
    }
    expect(texts).toEqual([1, 3, 5, 7, 9, 11].map((count) => `answer ${String(count)}`));
  });

  it('follows what is answered in the background, comes back to its stream, and cancels it', async () => {
    const stalled = bench.lab.stallAfter(1, { pieces: ['One ', 'two'] });
    const stream = await client.responses.create({ model: 'chat', input: 'Count', background: true, stream: true });
    const seen: OpenAI.Responses.ResponseStreamEvent[] = [];
    for await (const event of stream) {
      seen.push(event);
      // The client loses its connection in the middle.
      if (event.type === 'response.output_text.delta') break;
    }
    const id = (seen[0] as OpenAI.Responses.ResponseCreatedEvent).response.id;
    stalled.release();
    const last = seen.at(-1)?.sequence_number ?? 0;
    for await (const event of await client.responses.retrieve(id, { stream: true, starting_after: last }))
      seen.push(event);
    expect(seen.map((event) => event.sequence_number)).toEqual(seen.map((_event, index) => index));
    expect(seen.at(-1)?.type).toBe('response.completed');
    for (const response of await answersOfBoth(() => client.responses.retrieve(id))) {
      expect([response.status, response.output_text]).toEqual(['completed', 'One two']);
    }

    bench.lab.reset();
    bench.lab.hang().forever();
    const hanging = await client.responses.create({ model: 'chat', input: 'Hang', background: true });
    await bench.lab.waitForRequests(1);
    const cancelled = await answersOfBoth(() => client.responses.cancel(hanging.id));
    expect(cancelled.map(({ status }) => status)).toEqual(['cancelled', 'cancelled']);
    await bench.lab.waitForClose();
  });

  it('uploads a file, makes a batch of it, and reads the results', async () => {
    bench.lab.reply({ text: 'Hi.' }).times(5);
    const lines = Array.from({ length: 5 }, (_, index) =>
      JSON.stringify({
        ...{ custom_id: `line-${String(index)}`, method: 'POST', url: '/v1/chat/completions' },
        body: { model: 'chat', messages: [{ role: 'user', content: 'Hello' }] },
      }),
    );
    const file = await client.files.create({ file: new File([lines.join('\n')], 'in.jsonl'), purpose: 'batch' });
    const { id } = await client.batches.create({
      ...{ input_file_id: file.id, endpoint: '/v1/chat/completions', completion_window: '24h' },
    });
    const done = await until(
      () => client.batches.retrieve(id),
      ({ status }) => status === 'completed',
    );
    const results = await answersOfBoth(async () => (await client.files.content(done.output_file_id ?? '')).text());
    expect(results[0]).toBe(results[1]);
    const ids = results[0]
      ?.trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { custom_id: string }).custom_id);
    expect(ids?.sort()).toEqual(lines.map((_line, index) => `line-${String(index)}`));
    expect(bench.lab.requests).toHaveLength(5);
  });

  it('stops a batch, in whichever process it runs', async () => {
    bench.lab.hang().forever();
    const requests = [
      {
        custom_id: 'a',
        url: '/v1/chat/completions',
        body: { model: 'chat', messages: [{ role: 'user', content: 'Hi' }] },
      },
    ];
    for (let count = 0; count < 2; count += 1) {
      const before = bench.lab.requests.length;
      const { id } = await told<Status>(both.post('/v1/batches', { requests }));
      await until(
        () => Promise.resolve(bench.lab.requests.length),
        (length) => length > before,
      );
      // Once through the one and once through the other.
      if (count === 1) await both.get('/health/live');
      await told(both.post(`/v1/batches/${id}/cancel`, {}));
      await bench.lab.waitForClose();
      await until(
        () => show(`/v1/batches/${id}`),
        ({ status }) => status === 'cancelled',
      );
    }
  });

  it('uploads a document, waits for it and asks about it', async () => {
    const form = new FormData();
    form.append('file', new Blob(['# Godwits\n\nGodwits fly from Alaska to New Zealand.']), 'birds.md');
    const headers = { authorization: `Bearer ${both.adminKey}` };
    const sent = await fetch(`${both.url}/v1/documents`, { method: 'POST', body: form, headers });
    const { job_id: jobId } = await told<{ job_id: string }>(sent);
    expect(await both.waitForJob(jobId)).toMatchObject({ status: 'succeeded' });
    const ask = { question: 'Where do godwits fly?', model: 'local/extractive' };
    for (const { answer } of await answersOfBoth(() => told<{ answer: string }>(both.post('/v1/query', ask)))) {
      expect(answer).toContain('Alaska');
    }
  });

  it('revokes a key for both within five seconds', async () => {
    const { id, key } = await told<{ id: string; key: string }>(both.post('/admin/keys', { name: 'brief' }));
    const statuses = (): Promise<number[]> => answersOfBoth(async () => (await both.get('/v1/models', { key })).status);
    expect(await statuses()).toEqual([200, 200]);
    await both.delete(`/admin/keys/${id}`);
    // Who asks on with a bad key is told to stop that.
    const isRefused = (status: number): boolean => [401, 429].includes(status);
    expect((await until(statuses, (seen) => seen.every(isRefused))).every(isRefused)).toBe(true);
  });

  it('takes a new catalogue of models in both, whichever was told', async () => {
    const entry = async (): Promise<string> => (await both.get('/admin/catalog')).text();
    writeCatalog(7.25);
    await told(both.request('POST', '/admin/catalog'));
    const shown = await until(
      () => answersOfBoth(entry),
      (texts) => texts.every((text) => text.includes('7.25')),
    );
    expect(shown).toHaveLength(2);
  });

  it('answers the same request once, whoever gets it', async () => {
    const stalled = bench.lab.stallAfter(0, { text: 'Once.' });
    const ask = (): Promise<Response> =>
      both.post('/v1/chat', { message: 'Once', model: 'chat' }, { headers: { 'idempotency-key': 'round-robin' } });
    const first = ask();
    await bench.lab.waitForRequests(1);
    const others = await answersOfBoth(ask);
    expect(others.map(({ status }) => status)).toEqual([409, 409]);
    stalled.release();
    const body = await (await first).text();
    for (const response of await answersOfBoth(ask)) {
      expect([response.status, response.headers.get('idempotent-replayed')]).toEqual([200, 'true']);
      expect(await response.text()).toBe(body);
    }
    expect(bench.lab.requests).toHaveLength(1);
  });

  it('sends webhooks where they are to go now', async () => {
    const hook = { url: `${bench.receiver.url}/old`, events: ['index.succeeded'] };
    const { id } = await told<Status>(both.post('/v1/webhooks', hook));
    await told(
      both.request('PATCH', `/v1/webhooks/${id}`, { text: JSON.stringify({ url: `${bench.receiver.url}/new` }) }),
    );
    for (let count = 0; count < 2; count += 1) {
      await told(
        both.post('/v1/index', {
          source: `part ${String(count)}`,
          content: `Bar-tailed godwits, part ${String(count)}.`,
        }),
      );
    }
    await bench.receiver.waitForVisits(2);
    expect(bench.receiver.visits.map(({ path }) => path)).toEqual(['/new', '/new']);
  });
});
