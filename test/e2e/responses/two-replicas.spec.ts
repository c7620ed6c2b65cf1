import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type OpenAI from 'openai';
import { runsOnServer } from '../../support/database.js';
import { expectValidEvents, promptOf, ResponseBench } from './response-bench.js';

const ASK = { model: 'over-chat', input: 'Hello' } as const;

if (!runsOnServer) {
  process.stderr.write('Two replicas need a PostgreSQL server (TEST_DATABASE_URL): their responses are not tested.\n');
}

// The embedded database belongs to one process.
(runsOnServer ? describe : describe.skip)('responses of two replicas', () => {
  const bench = new ResponseBench();
  let one: OpenAI;
  let other: OpenAI;

  beforeAll(async () => {
    await bench.start(2);
    [one, other] = bench.apps.map((app) => bench.client(app)) as [OpenAI, OpenAI];
  });
  beforeEach(() => {
    bench.reset();
  });
  afterAll(() => bench.stop());

  it('what one has answered the other goes on from, shows and deletes', async () => {
    bench.lab.reply({ text: 'Hi.' }).forever();
    const first = await one.responses.create({ ...ASK, input: 'I am Ada' });
    const second = await other.responses.stream({ ...ASK, previous_response_id: first.id }).finalResponse();
    expect(promptOf(bench.lab.requests.at(-1)?.body)).toContain('I am Ada');
    expect((await one.responses.retrieve(second.id)).output_text).toBe('Hi.');
    await other.responses.delete(first.id);
    await expect(one.responses.retrieve(first.id)).rejects.toMatchObject({ status: 404 });
  });

  it('background work is done once, whoever asked, and is followed and cancelled anywhere', async () => {
    bench.lab.reply(({ body }) => ({ text: promptOf(body) })).times(12);
    const asked = await Promise.all(
      Array.from({ length: 12 }, (_, index) =>
        (index % 2 === 0 ? one : other).responses.create({
          ...ASK,
          input: `number ${String(index)}`,
          background: true,
        }),
      ),
    );
    const done = await Promise.all(asked.map(({ id }, index) => bench.waitForEnd(id, index % 3 === 0 ? one : other)));
    done.forEach(({ output_text: text }, index) => {
      expect(text).toContain(`number ${String(index)}`);
    });
    expect(bench.lab.requests).toHaveLength(12);

    const stalled = bench.lab.stallAfter(1, { pieces: ['One ', 'two'] });
    const stream = await one.responses.create({ ...ASK, background: true, stream: true });
    const told: OpenAI.Responses.ResponseStreamEvent[] = [];
    for await (const event of stream) {
      if (event.type === 'response.output_text.delta') stalled.release();
      told.push(event);
    }
    const [created] = told;
    const id = created?.type === 'response.created' ? created.response.id : '';
    const again: OpenAI.Responses.ResponseStreamEvent[] = [];
    for await (const event of await other.responses.retrieve(id, { stream: true })) again.push(event);
    expectValidEvents(again);
    expect(again).toEqual(told);

    bench.reset();
    bench.lab.hang().forever();
    const hanging = await one.responses.create({ ...ASK, background: true });
    await bench.lab.waitForRequests(1);
    for (const client of [other, one]) expect((await client.responses.cancel(hanging.id)).status).toBe('cancelled');
    await bench.lab.waitForClose();
  });
});
