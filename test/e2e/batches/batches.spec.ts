import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { toFile as toUpload } from 'openai';
import { Webhook } from 'standardwebhooks';
import { openAiSchemaCheck } from '../../support/openai-schemas.js';
import { BatchWorld, chatLine, type ResultLine, toFile, toLines } from './batch-world.js';

const ids = (lines: readonly ResultLine[]): string[] => lines.map(({ custom_id: id }) => id).sort();

const checkBatch = openAiSchemaCheck('Batch');
const checkPage = openAiSchemaCheck('ListBatchesResponse');
const checkFile = openAiSchemaCheck('OpenAIFile');
const checkFiles = openAiSchemaCheck('ListFilesResponse');

describe('batches', () => {
  const world = new BatchWorld();

  beforeAll(() => world.start());
  beforeEach(() => {
    world.openAi.reset();
    world.anthropic.reset();
    world.receiver.reset();
  });
  afterAll(() => world.stop());

  it('works with the official client, from the file to the results', async () => {
    const client = world.client();
    world.openAi.reply({ text: 'Yes.' }).forever();
    const lines = Array.from({ length: 20 }, (_, index) => chatLine(`line-${String(index)}`));
    const file = await client.files.create({
      file: await toUpload(Buffer.from(toFile(lines)), 'input.jsonl'),
      purpose: 'batch',
      expires_after: { anchor: 'created_at', seconds: 3_600 },
    });
    expect(file).toMatchObject({ object: 'file', filename: 'input.jsonl', purpose: 'batch', status: 'processed' });
    expect(file.expires_at).toBe(file.created_at + 3_600);
    const made = await client.batches.create({
      input_file_id: file.id,
      endpoint: '/v1/chat/completions',
      completion_window: '24h',
      metadata: { run: 'first' },
    });
    expect(made).toMatchObject({ object: 'batch', input_file_id: file.id, metadata: { run: 'first' } });
    checkBatch(made);
    await world.untilOver(made.id);
    const batch = await client.batches.retrieve(made.id);
    checkBatch(batch);
    expect(batch).toMatchObject({ status: 'completed', request_counts: { total: 20, completed: 20, failed: 0 } });
    expect(batch.error_file_id).toBeUndefined();
    const shown = await client.files.retrieve(batch.output_file_id ?? '');
    checkFile(shown);
    const output = await (await client.files.content(shown.id)).text();
    expect(shown).toMatchObject({ purpose: 'batch_output', bytes: Buffer.byteLength(output) });
    const results = toLines(output);
    expect(new Set(ids(results)).size).toBe(20);
    const [first] = results;
    expect(first).toMatchObject({ custom_id: 'line-0', error: null, response: { status_code: 200 } });
    expect(first?.response?.body).toMatchObject({
      object: 'chat.completion',
      choices: [{ message: { content: 'Yes.' } }],
    });
    expect(await world.results(made.id)).toEqual(results);
    // Each line has a row of its own in the ledger, found by the batch, and they add up to what the batch says.
    const found = await world.app.get(`/admin/requests?tag=batch:${made.id}&limit=100`);
    const { data } = (await found.json()) as { data: { request_id: string; cost_usd: number }[] };
    expect(data.map((row) => row.request_id).sort()).toEqual(
      results.map(({ response }) => response?.request_id).sort(),
    );
    const cost = data.reduce((sum, row) => sum + row.cost_usd, 0);
    expect((await world.show(made.id)).cost_usd).toBeCloseTo(cost, 10);
    expect(cost).toBeGreaterThan(0);
    expect(batch.usage?.total_tokens).toBeGreaterThan(0);
    checkPage(await (await world.app.get('/v1/batches?limit=1')).json());
    checkFiles(await (await world.app.get('/v1/files')).json());
    const listed = await client.batches.list({ limit: 1 });
    expect(listed.data.map(({ id }) => id)).toEqual([made.id]);
    expect((await client.files.delete(shown.id)).deleted).toBe(true);
    expect(await world.results(made.id)).toEqual([]);
    await expect(client.files.retrieve(shown.id)).rejects.toMatchObject({ status: 404 });
  });

  it('answers lines of every endpoint as its route does, and refuses those that are wrong by themselves', async () => {
    world.openAi.reply({}).forever();
    world.anthropic.reply({ text: 'Hello' }).forever();
    const messages = [{ role: 'user', content: 'Hi' }];
    const { id } = await world.create([
      chatLine('chat'),
      { custom_id: 'vectors', url: '/v1/embeddings', body: { model: 'local/lexical-384', input: ['a', 'b'] } },
      { custom_id: 'message', url: '/v1/messages', body: { model: 'claude/claude-sonnet-5', max_tokens: 9, messages } },
      { custom_id: 'response', url: '/v1/responses', body: { model: 'local/extractive', input: 'Hi' } },
      { custom_id: 'text', url: '/v1/completions', body: { model: 'lab/chat', prompt: 'Hi', max_tokens: 5 } },
      { custom_id: 'judged', url: '/v1/moderations', body: { model: 'judge/omni', input: 'Hi' } },
      { custom_id: 'no-model', url: '/v1/chat/completions', body: { model: 'lab/chat' } },
      { custom_id: 'nobodys', url: '/v1/messages', body: { model: 'no/such', max_tokens: 9, messages } },
      { custom_id: 'stream', url: '/v1/chat/completions', body: { model: 'lab/chat', messages, stream: true } },
    ]);
    const batch = await world.untilOver(id);
    const results = new Map((await world.results(id)).map((line) => [line.custom_id, line.response]));
    expect(Object.fromEntries([...results].map(([key, response]) => [key, response?.status_code]))).toEqual({
      ...{ chat: 200, vectors: 200, message: 200, response: 200, text: 200, judged: 200 },
      ...{ 'no-model': 400, nobodys: 404, stream: 400 },
    });
    expect(batch).toMatchObject({ status: 'completed', endpoint: 'mixed' });
    expect(batch.request_counts).toEqual({ total: 9, completed: 6, failed: 3 });
    expect(results.get('vectors')?.body).toMatchObject({ object: 'list', data: [{ index: 0 }, { index: 1 }] });
    expect(results.get('message')?.body).toMatchObject({ type: 'message', content: [{ text: 'Hello' }] });
    expect(results.get('response')?.body).toMatchObject({ object: 'response', status: 'completed' });
    expect(results.get('text')?.body).toMatchObject({ object: 'text_completion' });
    expect(results.get('judged')?.body).toMatchObject({ results: [{ flagged: false }] });
    expect(results.get('nobodys')?.body).toMatchObject({ type: 'error', error: { type: 'not_found_error' } });
    expect(results.get('stream')?.body).toMatchObject({ error: { param: 'stream' } });
    expect(ids(await world.content(batch.error_file_id ?? ''))).toEqual(['no-model', 'nobodys', 'stream']);
    expect(ids(await world.content(batch.output_file_id ?? ''))).toHaveLength(6);
  });

  it('O15 tells the webhook that it names, signed, and makes it when there is none', async () => {
    world.openAi.reply({}).forever();
    const url = `${world.receiver.url}/done`;
    const first = await world.create([chatLine('a')], { webhook_url: url });
    const { secret = '' } = first.webhook ?? {};
    expect(secret).toMatch(/^whsec_/);
    await world.untilOver(first.id);
    const second = await world.create([chatLine('a')], { webhook_url: url });
    expect(second.webhook).toEqual({ id: first.webhook?.id, url });
    const third = await world.create([chatLine('a')]);
    await Promise.all([world.untilOver(second.id), world.app.waitForJob(third.job_id)]);
    await world.receiver.waitForVisits(2);
    await world.deliver();
    const told = world.receiver.visits.map(({ body, headers }) =>
      new Webhook(secret).verify(body, headers as Record<string, string>),
    );
    expect(told).toHaveLength(2);
    expect(told).toEqual(
      expect.arrayContaining(
        [first, second].map(({ id }) => expect.objectContaining({ type: 'batch.completed', data: { id } })),
      ),
    );
  });

  it('S16 takes no address of ours, of others or of this machine for a webhook', async () => {
    const stranger = await world.app.createKey({ project: 'other hooks' });
    const theirs = `${world.receiver.url}/theirs`;
    await world.app.post('/v1/webhooks', { url: theirs, events: ['batch.completed'] }, { key: stranger });
    for (const url of [`${world.app.url}/v1/batches`, theirs, 'http://localhost:1/', 'http://169.254.169.254/']) {
      const refused = await world.app.post('/v1/batches', { requests: [chatLine('a')], webhook_url: url });
      expect([url, refused.status]).toEqual([url, 400]);
      expect(await refused.json()).toMatchObject({ error: { param: 'webhook_url' } });
    }
  });

  it('B04 cancels at once and for good, by the batch or by its job', async () => {
    world.openAi.hang().forever();
    const lines = [chatLine('a'), chatLine('b')];
    for (const cancel of [
      (batch: { id: string }) => world.app.post(`/v1/batches/${batch.id}/cancel`, {}),
      (batch: { job_id: string }) => world.app.delete(`/v1/jobs/${batch.job_id}`),
    ]) {
      world.openAi.reset();
      world.openAi.hang().forever();
      const made = await world.create(lines);
      await world.openAi.waitForRequests(2);
      expect((await world.app.delete(`/v1/jobs/${made.job_id}x`)).status).toBe(404);
      expect((await cancel(made)).status).toBe(200);
      const batch = await world.show(made.id);
      expect(batch).toMatchObject({ status: 'cancelled', request_counts: { total: 2, completed: 0, failed: 2 } });
      const results = await world.results(made.id);
      expect(ids(results)).toEqual(['a', 'b']);
      for (const line of results) expect(line).toMatchObject({ response: null, error: { code: 'batch_cancelled' } });
      const content = await world.app.get(`/v1/files/${batch.error_file_id ?? ''}/content`);
      expect(toLines(await content.text())).toEqual(results);
      const again = await world.app.post(`/v1/batches/${made.id}/cancel`, {});
      expect([again.status, await again.json()]).toEqual([200, expect.objectContaining({ status: 'cancelled' })]);
      const retried = await world.app.request('POST', `/v1/jobs/${made.job_id}/retry`);
      expect([retried.status, await retried.json()]).toMatchObject([409, { error: { code: 'invalid_state' } }]);
      expect(await (await world.app.get(`/v1/jobs/${made.job_id}`)).json()).toMatchObject({ status: 'cancelled' });
    }
  });

  it('B04 refuses to cancel what is over, and to delete a file that is being read', async () => {
    world.openAi.reply({}).forever();
    const done = await world.runFile(toFile([chatLine('a')]));
    const late = await world.app.post(`/v1/batches/${done.id}/cancel`, {});
    expect([late.status, await late.json()]).toEqual([
      409,
      { error: expect.objectContaining({ code: 'invalid_state' }) },
    ]);
    world.openAi.reset();
    world.openAi.hang().forever();
    const file = await world.upload(toFile([chatLine('a')]));
    const body = { input_file_id: file, endpoint: '/v1/chat/completions', completion_window: '24h' };
    const running = (await (await world.app.post('/v1/batches', body)).json()) as { id: string };
    await world.openAi.waitForRequests(1);
    // What is there of the results can be read meanwhile.
    const early = await world.app.get(`/v1/batches/${running.id}/results`);
    expect([early.headers.get('x-trunkline-batch-status'), await early.text()]).toEqual(['in_progress', '']);
    const refused = await world.app.delete(`/v1/files/${file}`);
    expect([refused.status, await refused.json()]).toEqual([
      409,
      { error: expect.objectContaining({ code: 'invalid_state' }) },
    ]);
    await world.app.post(`/v1/batches/${running.id}/cancel`, {});
    expect((await world.app.delete(`/v1/files/${file}`)).status).toBe(200);
  });

  it('ends in time: what is not answered by then has an error that says so', async () => {
    world.openAi.reply({}).forever();
    const key = await world.app.createKey({ project: 'slow' });
    await world.sql(`update project set requests_per_minute = 1 where name = 'slow'`);
    const made = await world.create([chatLine('a'), chatLine('b'), chatLine('c')], {}, key);
    await world.until(made.id, ({ request_counts: { completed } }) => completed === 1, key);
    await world.sql(`update batch set expires_at = now() - interval '1 second' where id = $1`, [made.id]);
    await hurry(made.job_id);
    const batch = await world.untilOver(made.id, key);
    expect(batch).toMatchObject({ status: 'expired', request_counts: { total: 3, completed: 1, failed: 2 } });
    const codes = (await world.results(made.id, key)).map(({ error }) => error?.code);
    expect(codes.sort()).toEqual(['batch_expired', 'batch_expired', undefined]);
  });

  /** What the job waits for is over. */
  async function hurry(job: string): Promise<void> {
    const [row] = await world.sql<{ schema: string }[]>('select current_schema() as schema');
    for (let count = 0; count === 0;) {
      [, count] = await world.sql<[unknown, number]>(
        `update "${row?.schema ?? ''}_jobs".job set start_after = now()
         where state = 'created' and start_after > now() and data->>'jobId' = $1`,
        [job],
      );
    }
  }

  it('waits for a limit of its key and goes on by itself; the lines do not fail', async () => {
    world.openAi.reply({}).forever();
    const key = await world.app.createKey({ project: 'limited' });
    await world.sql(`update project set concurrency = 1 where name = 'limited'`);
    const made = await world.create(
      Array.from({ length: 5 }, (_, index) => chatLine(String(index))),
      {},
      key,
    );
    expect((await world.untilOver(made.id, key)).request_counts).toEqual({ total: 5, completed: 5, failed: 0 });
  });

  it('asks for the key anew at every line, and for the scope of each', async () => {
    world.openAi.reply({}).forever();
    const key = await world.app.createKey({ project: 'revoked', scopes: ['batches', 'embeddings'] });
    const vectors = { custom_id: 'v', url: '/v1/embeddings', body: { model: 'local/lexical-384', input: 'a' } };
    const scoped = await world.create([chatLine('c'), vectors], {}, key);
    await world.untilOver(scoped.id, key);
    const statuses = (await world.results(scoped.id, key)).map(({ response }) => response?.status_code);
    expect(statuses).toEqual([403, 200]);
    await world.sql(`update project set requests_per_minute = 1 where name = 'revoked'`);
    const made = await world.create([vectors, { ...vectors, custom_id: 'w' }], {}, key);
    await world.until(made.id, ({ request_counts: { completed } }) => completed === 1, key);
    await world.sql(
      `update api_key set revoked_at = now() where project_id = (select id from project where name = 'revoked')`,
    );
    await hurry(made.job_id);
    const results = async (): Promise<{ result: string }[]> =>
      world.sql('select result from batch_line where batch_id = $1 and result is not null', [made.id]);
    while ((await results()).length < 2) await new Promise((resolve) => setTimeout(resolve, 20));
    const answers = (await results()).map(({ result }) => (JSON.parse(result) as ResultLine).response);
    expect(answers.map((answer) => answer?.status_code).sort()).toEqual([200, 401]);
    expect(JSON.stringify(answers)).toContain('"code":"invalid_api_key"');
  });

  it('lists the jobs of a project by kind and status, page by page', async () => {
    const key = await world.app.createKey({ project: 'listed' });
    const vectors = { custom_id: 'v', url: '/v1/embeddings', body: { model: 'local/lexical-384', input: 'a' } };
    const made: string[] = [];
    for (let count = 0; count < 3; count += 1) made.unshift((await world.create([vectors], {}, key)).job_id);
    await Promise.all(made.map((id) => world.app.waitForJob(id, { key })));
    const list = async (
      query: string,
    ): Promise<{ data: { id: string; kind: string }[]; has_more: boolean; last_id: string }> =>
      (await (await world.app.get(`/v1/jobs${query}`, { key })).json()) as never;
    const first = await list('?limit=2&kind=batch&status=succeeded');
    expect(first.data.map(({ id }) => id)).toEqual(made.slice(0, 2));
    expect(first.has_more).toBe(true);
    expect((await list(`?limit=2&after=${first.last_id}`)).data.map(({ id }) => id)).toEqual(made.slice(2));
    expect((await list('?kind=index')).data).toEqual([]);
    expect((await list('?status=failed')).data).toEqual([]);
    for (const query of ['?status=over', '?limit=0', '?kind=%00', '?after=job_nobodys']) {
      expect((await world.app.get(`/v1/jobs${query}`, { key })).status).toBe(400);
    }
    const foreign = await world.app.get(`/v1/jobs?after=${made[0] ?? ''}`);
    expect([foreign.status, await foreign.json()]).toEqual([
      400,
      { error: expect.objectContaining({ code: 'invalid_cursor' }) },
    ]);
  });
});
