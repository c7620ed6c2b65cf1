import { beforeAll, expect, it } from '@jest/globals';
import type OpenAI from 'openai';
import { DataSource } from 'typeorm';
import { JobRunner } from '../../../src/jobs/job-runner.js';
import { closeUnanswered } from '../../../src/responses/background/close-unanswered.js';
import { ResponseWorker } from '../../../src/responses/background/response.worker.js';
import { openAiSchemaCheck } from '../../support/openai-schemas.js';
import { expectValidEvents, type ResponseBench } from './response-bench.js';

type RunningResponse = Parameters<ResponseWorker['run']>[0];
type Event = OpenAI.Responses.ResponseStreamEvent;

const ASK = { model: 'over-chat', input: 'Think', background: true } as const;

async function read(stream: AsyncIterable<Event>): Promise<Event[]> {
  const events: Event[] = [];
  for await (const event of stream) events.push(event);
  return events;
}

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 10));
}

/** Responses that are made while nobody waits. */
export function answerInTheBackground(bench: ResponseBench): void {
  const check = openAiSchemaCheck('Response');
  let client: OpenAI;

  beforeAll(async () => {
    client = bench.client();
    // What it is told is read from the log: nobody may be reached at its address.
    await bench.query(
      `insert into webhook (id, project_id, url, events, sealed_secret) values
       ('wh_1', 'proj_default', 'http://127.0.0.1:8999/', '{response.completed,response.failed}', '')`,
    );
  });

  async function isTold(type: string, id: string): Promise<boolean> {
    const rows = await bench.query<{ body: string }>(`select body from webhook_delivery where type = '${type}'`);
    return rows.some(({ body }) => body.includes(id));
  }

  it('are queued, polled, and can be gone on from', async () => {
    bench.lab.reply({ text: 'Thought.' });
    const queued = await client.responses.create(ASK, { headers: { 'x-trunkline-tags': 'deep' } });
    check(queued);
    expect(queued).toMatchObject({ status: 'queued', background: true, output: [] });
    const done = await bench.waitForEnd(queued.id);
    check(done);
    expect(done).toMatchObject({
      id: queued.id,
      status: 'completed',
      output_text: 'Thought.',
      created_at: queued.created_at,
    });
    await until(() => isTold('response.completed', queued.id));
    bench.lab.reply({ text: 'Still.' });
    const next = await client.responses.create({ ...ASK, background: false, previous_response_id: queued.id });
    expect(next.output_text).toBe('Still.');
    // One row in the ledger, with the labels of the request.
    const rows = (): Promise<{ surface: string }[]> =>
      bench.query(`select surface from usage_request where tags @> array['deep'] and status <> 'open'`);
    await until(async () => (await rows()).length > 0);
    expect(await rows()).toEqual([{ surface: 'job' }]);
  });

  it('fail as they would have, in words of their own', async () => {
    bench.lab.failWith(500).forever();
    const { id } = await client.responses.create(ASK);
    const failed = await bench.waitForEnd(id);
    check(failed);
    expect(failed.status).toBe('failed');
    expect(failed.error).toMatchObject({ code: 'server_error', message: expect.stringMatching(/^upstream_error: /) });
    await until(() => isTold('response.failed', id));
    await expect(client.responses.create({ ...ASK, previous_response_id: id })).rejects.toMatchObject({
      ...{ status: 409, code: 'invalid_state' },
    });
  });

  it('are cancelled, however often, and nothing else is', async () => {
    bench.lab.hang().forever();
    const { id } = await client.responses.create(ASK);
    await bench.lab.waitForRequests(1);
    await expect(client.responses.create({ ...ASK, previous_response_id: id })).rejects.toMatchObject({
      ...{ status: 409, code: 'invalid_state' },
    });
    const cancelled = await client.responses.cancel(id);
    check(cancelled);
    expect(cancelled.status).toBe('cancelled');
    await bench.lab.waitForClose();
    expect((await client.responses.cancel(id)).status).toBe('cancelled');
    expect((await client.responses.retrieve(id)).status).toBe('cancelled');
    bench.reset();
    bench.lab.reply({ text: 'A' });
    const waited = await client.responses.create({ ...ASK, background: false });
    await expect(client.responses.cancel(waited.id)).rejects.toMatchObject({ status: 409, code: 'invalid_state' });
  });

  it('are deleted while they are made', async () => {
    bench.lab.hang().forever();
    const { id } = await client.responses.create(ASK);
    await bench.lab.waitForRequests(1);
    await client.responses.delete(id);
    await bench.lab.waitForClose();
    await expect(client.responses.retrieve(id)).rejects.toMatchObject({ status: 404 });
    expect(await bench.query('select 1 from response where id = $1', [id])).toEqual([]);
  });

  it('ask anew what the key may do', async () => {
    const made = await bench.app.post('/admin/keys', { name: 'short-lived' });
    const { key, id: keyId } = (await made.json()) as { key: string; id: string };
    bench.lab.hang().forever();
    // All the workers of the process are busy while the key is revoked.
    const busy = await Promise.all(Array.from({ length: 8 }, () => client.responses.create(ASK)));
    await bench.lab.waitForRequests(8);
    const { id } = await bench.client(bench.app, key).responses.create(ASK);
    expect((await bench.app.delete(`/admin/keys/${keyId}`)).status).toBeLessThan(300);
    for (const each of busy) await client.responses.cancel(each.id);
    const refused = await bench.waitForEnd(id);
    expect(refused.status).toBe('failed');
    expect(refused.error?.message).toMatch(/^invalid_api_key: /);
    expect(bench.lab.requests).toHaveLength(8);
  });

  it('wait for the limits of their key, and fail for its budget', async () => {
    const keyOf = async (terms: object): Promise<string> => {
      const made = await bench.app.post('/admin/keys', { name: 'limited', ...terms });
      return ((await made.json()) as { key: string }).key;
    };
    const narrow = bench.client(bench.app, await keyOf({ limits: { concurrency: 1 } }));
    const stalled = bench.lab.stallAfter(0, { text: 'First.' });
    const first = narrow.responses.create({ ...ASK, background: false });
    await bench.lab.waitForRequests(1);
    const second = await narrow.responses.create(ASK);
    const waits = `select 1 from job join response on response.job_id = job.id
      where response.id = $1 and job.error_code = 'concurrency_limit' and response.status = 'queued'`;
    await until(async () => (await bench.query(waits, [second.id])).length > 0);
    bench.lab.reply({ text: 'Second.' });
    stalled.release();
    expect((await first).output_text).toBe('First.');
    await bench.hurry();
    const poor = bench.client(bench.app, await keyOf({ budgets: [{ window: 'day', amount_usd: 0.0000001 }] }));
    const refused = await bench.waitForEnd((await poor.responses.create(ASK)).id);
    expect(refused).toMatchObject({
      status: 'failed',
      error: { message: expect.stringMatching(/^insufficient_quota: /) },
    });
    expect((await bench.waitForEnd(second.id)).output_text).toBe('Second.');
    expect(bench.lab.requests).toHaveLength(2);
  });

  it('are streamed, and read along by whoever comes later', async () => {
    const stalled = bench.lab.stallAfter(2, { pieces: ['One ', 'two ', 'three'] });
    const stream = await client.responses.create({ ...ASK, stream: true });
    const seen: Event[] = [];
    for await (const event of stream) {
      seen.push(event);
      if (event.type === 'response.output_text.delta') break;
    }
    const [first] = seen;
    if (first?.type !== 'response.created') throw new Error('It did not begin with its creation.');
    const { id } = first.response;
    expect(first.response.status).toBe('queued');
    // The client has left, and the answer goes on.
    const last = seen.at(-1)?.sequence_number ?? 0;
    const rest = client.responses.retrieve(id, { stream: true, starting_after: last });
    const whole = client.responses.retrieve(id, { stream: true });
    stalled.release();
    const [events, all] = [await read(await rest), await read(await whole)];
    expectValidEvents(all);
    expect([...seen, ...events]).toEqual(all);
    expect(all.at(-1)).toMatchObject({
      type: 'response.completed',
      response: { status: 'completed', background: true },
    });
    expect((await bench.waitForEnd(id)).output_text).toBe('One two three');
    // Once more when all is over.
    expect(await read(await client.responses.retrieve(id, { stream: true }))).toEqual(all);
  });

  it('tell in band how they failed', async () => {
    bench.lab.cutAfter(2, { pieces: ['One ', 'two ', 'three'] }).forever();
    const events = await read(await client.responses.create({ ...ASK, stream: true }));
    expectValidEvents(events);
    const last = events.at(-1);
    if (last?.type !== 'response.failed') throw new Error(`It ended with ${String(last?.type)}.`);
    expect(last.response.error?.message).toMatch(/^upstream_stream_interrupted: /);
    const kept = await bench.waitForEnd(last.response.id);
    expect(kept).toMatchObject({ status: 'failed', error: last.response.error });
  });

  it('are begun again when their process stops, unless somebody was told of them already', async () => {
    bench.lab.stallAfter(2, { pieces: ['One ', 'two ', 'three'] }).times(2);
    bench.lab.reply({ text: 'Again.' }).forever();
    const quiet = await client.responses.create(ASK);
    const stream = await client.responses.create({ ...ASK, stream: true });
    let streamed = '';
    const events: Event[] = [];
    for await (const event of stream) {
      events.push(event);
      if (event.type === 'response.created') streamed = event.response.id;
      if (event.type !== 'response.output_text.delta') continue;
      await bench.lab.waitForRequests(2);
      const rows = await bench.query<{ job_id: string }>('select job_id from response where id = any($1::text[])', [
        [quiet.id, streamed],
      ]);
      for (const row of rows) bench.app.nest.get(JobRunner).interrupt(row.job_id, 'shutting-down');
    }
    expectValidEvents(events);
    expect(events.at(-1)).toMatchObject({
      type: 'response.failed',
      response: { error: { message: expect.stringMatching(/^server_shutting_down: /) } },
    });
    expect((await bench.waitForEnd(streamed)).status).toBe('failed');
    await until(async () => {
      await bench.hurry();
      return bench.lab.requests.length > 2;
    });
    const done = await bench.waitForEnd(quiet.id);
    expect([done.status, done.output_text]).toEqual(['completed', 'Again.']);
    expect(bench.lab.requests).toHaveLength(3);
  });

  it('fail when their process was killed after somebody was told of them', async () => {
    const { nest } = bench.app;
    bench.lab.stallAfter(2, { pieces: ['One ', 'two ', 'three'] });
    const stream = await client.responses.create({ ...ASK, stream: true });
    const events: Event[] = [];
    let isKilled = false;
    for await (const event of stream) {
      events.push(event);
      if (event.type !== 'response.output_text.delta' || isKilled) continue;
      isKilled = true;
      const [created] = events;
      const responseId = created?.type === 'response.created' ? created.response.id : '';
      // Another process has taken the job over, as it does with those of the dead.
      const [job] = (
        await nest.get(DataSource).query<[{ id: string; project_id: string; attempt: number }[], number]>(
          `update job set attempt = attempt + 1 where id = (select job_id from response where id = $1)
           returning id, project_id, attempt`,
          [responseId],
        )
      )[0];
      if (!job) throw new Error('The response has no job.');
      nest.get(JobRunner).interrupt(job.id, 'taken-over');
      await bench.lab.waitForClose();
      const over = { id: job.id, projectId: job.project_id, payload: { responseId, tags: [], cache: null } };
      const next = { ...over, keyId: null, attempt: job.attempt, signal: new AbortController().signal };
      await expect(nest.get(ResponseWorker).run(next as unknown as RunningResponse)).rejects.toMatchObject({
        name: 'JobFailure',
        code: 'server_shutting_down',
      });
      await nest.get(DataSource).transaction(async (manager) => {
        await manager.query(`update job set status = 'failed', error_code = 'server_shutting_down' where id = $1`, [
          job.id,
        ]);
        await closeUnanswered(manager, over);
      });
    }
    expectValidEvents(events);
    expect(events.at(-1)).toMatchObject({ type: 'response.failed', response: { status: 'failed' } });
  });

  it('a stream ends when the response is cancelled', async () => {
    bench.lab.hang().forever();
    const stream = await client.responses.create({ ...ASK, stream: true });
    const events: Event[] = [];
    for await (const event of stream) {
      events.push(event);
      if (event.type === 'response.in_progress') await client.responses.cancel(event.response.id);
    }
    expect(events.map(({ type }) => type)).toEqual(['response.created', 'response.queued', 'response.in_progress']);
  });

  it('are refused where they make no sense', async () => {
    await expect(client.responses.create({ ...ASK, store: false })).rejects.toMatchObject({ status: 400 });
    await expect(client.responses.create({ ...ASK, model: 'nobody' })).rejects.toMatchObject({
      ...{ status: 404, code: 'model_not_found' },
    });
    bench.lab.reply({ text: 'A' });
    const { id } = await client.responses.create({ ...ASK, background: false });
    await expect(client.responses.retrieve(id, { stream: true })).rejects.toMatchObject({
      status: 400,
      param: 'stream',
    });
    const odd = await bench.app.get(`/v1/responses/${id}?starting_after=3`);
    expect([odd.status, await odd.json()]).toMatchObject([400, { error: { code: 'invalid_query' } }]);
    expect(bench.lab.requests).toHaveLength(1);
  });
}
