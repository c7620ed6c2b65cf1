import { beforeAll, beforeEach, expect, it } from '@jest/globals';
import type OpenAI from 'openai';
import { ProjectErasure } from '../../../src/auth/project-erasure.service.js';
import { ResponseSweeper } from '../../../src/responses/response-sweeper.service.js';
import { ResponseStore } from '../../../src/responses/store/response-store.js';
import { openAiSchemaCheck } from '../../support/openai-schemas.js';
import { expectValidEvents, promptOf, type ResponseBench } from './response-bench.js';

type Body = OpenAI.Responses.ResponseCreateParamsNonStreaming;

const ASK = { model: 'over-chat', input: 'Hello' } as const;
const UNKNOWN = 'resp_00000000000000000000000A';

/** What is kept of responses, for whom, and for how long. */
export function keepState(bench: ResponseBench): void {
  let client: OpenAI;

  beforeAll(() => {
    client = bench.client();
  });

  beforeEach(() => {
    bench.lab.reply({ text: 'Hi.' }).forever();
  });

  async function refusalOf(body: object): Promise<unknown> {
    const response = await bench.app.post('/v1/responses', { ...ASK, ...body });
    const { error } = (await response.json()) as { error: { code: string; param: string } };
    return [response.status, error.code, error.param];
  }

  /** Waits for what is stored once the client has left. */
  async function statusOf(id: string): Promise<string> {
    for (;;) {
      const response = await bench.app.get(`/v1/responses/${id}`);
      if (response.status === 200) return ((await response.json()) as { status: string }).status;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  it('C21: nobody goes on from what is not theirs, not there, or no id', async () => {
    const foreign = bench.client(bench.app, await bench.app.createKey({ project: 'other' }));
    const { id } = await foreign.responses.create(ASK);
    const asked = bench.lab.requests.length;
    const refused = [404, 'previous_response_not_found', 'previous_response_id'];
    for (const previous of [id, UNKNOWN, 'resp_', "x'; drop table response;--", '\u{1F600}', 'r'.repeat(5_000)]) {
      expect(await refusalOf({ previous_response_id: previous })).toEqual(refused);
      expect(await refusalOf({ previous_response_id: previous, background: true })).toEqual(refused);
      expect(await refusalOf({ previous_response_id: previous, stream: true })).toEqual(refused);
    }
    for (const conversation of ['conv_00000000000000000000000A', 'nope', { id: 'conv_x' }]) {
      expect(await refusalOf({ conversation })).toEqual([404, 'not_found', 'conversation']);
    }
    expect(await refusalOf({ input: [{ type: 'item_reference', id: 'msg_nope' }] })).toEqual([
      404,
      'not_found',
      'input[0]',
    ]);
    const [item] = (await foreign.responses.inputItems.list(id)).data;
    expect(await refusalOf({ input: [{ type: 'item_reference', id: item?.id }] })).toEqual([
      404,
      'not_found',
      'input[0]',
    ]);
    for (const path of ['', '/input_items', '/cancel']) {
      const method = path === '/cancel' ? 'POST' : 'GET';
      expect((await bench.app.request(method, `/v1/responses/${id}${path}`)).status).toBe(404);
    }
    expect((await bench.app.delete(`/v1/responses/${id}`)).status).toBe(404);
    expect((await foreign.responses.retrieve(id)).id).toBe(id);
    expect(bench.lab.requests).toHaveLength(asked);
  });

  it('C22: what is not stored is nowhere', async () => {
    const whole = await client.responses.create({ ...ASK, store: false });
    const streamed = await client.responses.stream({ ...ASK, store: false }).finalResponse();
    for (const { id, store } of [whole, streamed] as { id: string; store?: boolean }[]) {
      expect(store).toBe(false);
      await expect(client.responses.retrieve(id)).rejects.toMatchObject({ status: 404 });
      expect(await refusalOf({ previous_response_id: id })).toMatchObject([
        404,
        'previous_response_not_found',
        'previous_response_id',
      ]);
      expect(await bench.query('select 1 from response where id = $1', [id])).toEqual([]);
    }
  });

  it('branches, and refuses to go on where something was deleted before', async () => {
    const first = await client.responses.create({ ...ASK, input: 'first' });
    const second = await client.responses.create({ ...ASK, input: 'second', previous_response_id: first.id });
    const branch = await client.responses.create({ ...ASK, input: 'branch', previous_response_id: first.id });
    await client.responses.create({ ...ASK, input: 'last', previous_response_id: branch.id });
    const prompt = promptOf(bench.lab.requests.at(-1)?.body);
    expect([prompt.includes('branch'), prompt.includes('second')]).toEqual([true, false]);
    await client.responses.delete(first.id);
    expect((await client.responses.retrieve(second.id)).id).toBe(second.id);
    const refused = [404, 'previous_response_not_found', 'previous_response_id'];
    expect(await refusalOf({ previous_response_id: second.id })).toEqual(refused);
  });

  it('a long chain is read in a bounded number of queries', async () => {
    let id: string | undefined;
    for (let turn = 0; turn < 20; turn += 1) {
      id = (await client.responses.create({ ...ASK, input: `turn ${String(turn)}.`, previous_response_id: id })).id;
    }
    const prompt = promptOf(bench.lab.requests.at(-1)?.body);
    for (let turn = 0; turn < 20; turn += 1) expect(prompt).toContain(`turn ${String(turn)}.`);
  });

  it('items are named by their ids, but not without end', async () => {
    const large = { id: 'msg_large', type: 'message', role: 'user', content: 'x'.repeat(1024 * 1024) };
    await client.responses.create({ ...ASK, input: [large] as Body['input'] });
    const named = (count: number): object => ({ input: Array.from({ length: count }, () => ({ id: 'msg_large' })) });
    expect((await bench.app.post('/v1/responses', { ...ASK, ...named(1), store: false })).status).toBe(200);
    expect(promptOf(bench.lab.requests.at(-1)?.body).length).toBeGreaterThan(1024 * 1024);
    expect(await refusalOf(named(24))).toEqual([400, 'context_length_exceeded', 'input']);
    expect(await refusalOf({ input: [{ type: 5 }] })).toEqual([400, 'invalid_type', 'input[0].type']);
  });

  it('a stream that fails says so in band, and is kept as failed', async () => {
    bench.reset();
    bench.lab.cutAfter(2, { pieces: ['One ', 'two ', 'three'] }).forever();
    const response = await bench.app.post('/v1/responses', { ...ASK, stream: true });
    const events = eventsOf(await response.text());
    expectValidEvents(events);
    const last = events.at(-1) as { type: string; response: { id: string } };
    expect(last).toMatchObject({
      type: 'response.failed',
      response: {
        status: 'failed',
        error: { code: 'server_error', message: expect.stringMatching(/^upstream_stream_interrupted: /) },
      },
    });
    openAiSchemaCheck('Response')(await client.responses.retrieve(last.response.id));
    expect(await statusOf(last.response.id)).toBe('failed');
  });

  it('a stream that is left is kept as cancelled', async () => {
    bench.reset();
    bench.lab.stallAfter(2, { pieces: ['One ', 'two ', 'three'] });
    const stream = await client.responses.create({ ...ASK, stream: true });
    let id = '';
    for await (const event of stream) {
      if (event.type === 'response.created') id = event.response.id;
      if (event.type === 'response.output_text.delta') break;
    }
    expect(await statusOf(id)).toBe('cancelled');
    expect(await refusalOf({ previous_response_id: id })).toEqual([409, 'invalid_state', 'previous_response_id']);
  });

  it('an answer that has no room is kept as incomplete, and can be gone on from', async () => {
    bench.reset();
    bench.lab.reply({ text: 'Half of', finishReason: 'length' });
    const {
      id,
      status,
      incomplete_details: details,
    } = await client.responses.create({ ...ASK, max_output_tokens: 16 });
    expect([status, details]).toEqual(['incomplete', { reason: 'max_output_tokens' }]);
    bench.lab.reply({ text: 'it.' });
    await client.responses.create({ ...ASK, input: 'Go on', previous_response_id: id });
    expect(promptOf(bench.lab.requests.at(-1)?.body)).toContain('Half of');
  });

  it('a conversation hears of it, and tells it what was said', async () => {
    bench.reset();
    const begun = await client.conversations.create({
      items: [{ type: 'message', role: 'user', content: 'I am Ada.' }],
    });
    bench.lab.reply({ text: 'Hello Ada.' });
    const first = await client.responses.create({ ...ASK, conversation: begun.id, input: 'Say hello.' });
    expect(first.conversation).toEqual({ id: begun.id });
    expect(promptOf(bench.lab.requests.at(-1)?.body)).toContain('I am Ada.');
    // The other way: what is said elsewhere, and by a model of another vendor, is heard here; OpenAI gets it as items.
    bench.claude.reply({ text: 'You are Ada.' });
    const native = await bench.app.post('/v1/chat', {
      model: 'over-claude',
      message: 'Who?',
      conversation_id: begun.id,
    });
    expect(native.status).toBe(200);
    expect(promptOf(bench.claude.requests.at(-1)?.body)).toContain('Hello Ada.');
    bench.openAi.reply({ text: 'Bye Ada.' });
    await client.responses.create({
      model: 'over-openai',
      conversation: { id: begun.id },
      input: 'Say goodbye.',
      store: false,
    });
    const prompt = promptOf(bench.openAi.requests.at(-1)?.body);
    const said = ['I am Ada.', 'Say hello.', 'Hello Ada.', 'Who?', 'You are Ada.', 'Say goodbye.'];
    const places = said.map((text) => prompt.indexOf(text));
    expect(places.every((place) => place >= 0)).toBe(true);
    expect(places).toEqual([...places].sort((left, right) => left - right));
    const items = await client.conversations.items.list(begun.id, { order: 'asc', limit: 100 });
    const texts = items.data.map((item) => (item as { content: { text: string }[] }).content[0]?.text);
    expect(texts).toEqual([...said, 'Bye Ada.']);
    await expect(client.responses.create({ ...ASK, previous_response_id: first.id })).rejects.toMatchObject({
      status: 409,
      code: 'invalid_state',
      message: expect.stringContaining(begun.id),
    });
    const both = { conversation: begun.id, previous_response_id: first.id };
    expect(await refusalOf(both)).toEqual([400, 'invalid_value', 'previous_response_id']);
    const counted = await client.responses.inputTokens.count({ ...ASK, conversation: begun.id });
    expect(counted.input_tokens).toBeGreaterThan(20);
    expect((await client.conversations.items.list(begun.id, { limit: 100 })).data).toHaveLength(7);
  });

  it('a tool of a conversation is answered in its next turn', async () => {
    bench.reset();
    const { id: conversation } = await client.conversations.create({});
    const tools: Body['tools'] = [{ type: 'function', name: 'weather', parameters: { type: 'object' }, strict: false }];
    for (const [model, fake] of [
      ['over-chat', bench.lab],
      ['over-openai', bench.openAi],
    ] as const) {
      fake.reply({ toolCalls: [{ id: `call_${model}`, name: 'weather', arguments: {} }] });
      fake.reply({ text: 'Cold.' });
      await client.responses.create({ model, conversation, tools, input: 'How warm?' });
      const output = { type: 'function_call_output', call_id: `call_${model}`, output: '-3 C' } as const;
      const second = await client.responses.create({ model, conversation, tools, input: [output] });
      expect(second.output_text).toBe('Cold.');
      expect(promptOf(fake.requests.at(-1)?.body)).toMatch(/How warm\?.*weather.*-3 C/s);
    }
  });

  it('the same request again is not asked again', async () => {
    for (const body of [ASK, { ...ASK, stream: true }, { ...ASK, background: true }]) {
      const headers = { 'idempotency-key': `key-${JSON.stringify(body)}` };
      const first = await (await bench.app.post('/v1/responses', body, { headers })).text();
      const again = await bench.app.post('/v1/responses', body, { headers });
      expect(again.headers.get('idempotent-replayed')).toBe('true');
      expect(await again.text()).toBe(first);
      if ('background' in body) await bench.waitForEnd((JSON.parse(first) as { id: string }).id);
    }
  });

  it('goes when its time is over, and as a whole chain', async () => {
    const first = await client.responses.create(ASK);
    const second = await client.responses.create({ ...ASK, previous_response_id: first.id });
    const other = await client.responses.create(ASK);
    const sweeper = bench.app.nest.get(ResponseSweeper);
    const expire = `update response set expires_at = now() where id = any($1::text[])`;
    await bench.query(expire, [[first.id, other.id]]);
    await sweeper.sweep();
    const left = async (): Promise<string[]> =>
      (
        await bench.query<{ id: string }>('select id from response where id = any($1::text[])', [
          [first.id, second.id, other.id],
        ])
      )
        .map(({ id }) => id)
        .sort();
    expect(await left()).toEqual([first.id, second.id].sort());
    await bench.query(expire, [[second.id]]);
    await sweeper.sweep();
    expect(await left()).toEqual([]);
  });

  it('goes with its project', async () => {
    const project = (await (await bench.app.post('/admin/projects', { name: 'short' })).json()) as { id: string };
    const made = await bench.app.post('/admin/keys', { name: 'short', project_id: project.id });
    const { key } = (await made.json()) as { key: string };
    await bench.client(bench.app, key).responses.create(ASK);
    const count = 'select 1 from response where project_id = $1';
    expect(await bench.query(count, [project.id])).toHaveLength(1);
    expect((await bench.app.delete(`/admin/projects/${project.id}`)).status).toBeLessThan(300);
    bench.app.nest.get(ProjectErasure).start();
    while ((await bench.query(count, [project.id])).length > 0) await new Promise((resolve) => setTimeout(resolve, 20));
    // An answer that was under way then leaves nothing behind either.
    const late = { id: UNKNOWN, projectId: project.id, previousId: null, conversationId: null, body: {} };
    const store = bench.app.nest.get(ResponseStore);
    await store.insert({ ...late, status: 'completed', input: [{ role: 'user', content: 'Hi' }], output: [] });
    expect(await bench.query(count, [project.id])).toHaveLength(0);
  });

  it('is stored once, however often that is tried', async () => {
    const { id } = await client.responses.create(ASK);
    const store = bench.app.nest.get(ResponseStore);
    const again = { id, projectId: 'proj_default', previousId: null, conversationId: null, body: {} };
    await store.insert({ ...again, status: 'failed', input: [], output: [{ type: 'message' }] });
    expect(await client.responses.retrieve(id)).toMatchObject({ id, status: 'completed', output_text: 'Hi.' });
  });
}

function eventsOf(text: string): unknown[] {
  return text.split('\n\n').flatMap((frame): unknown[] => {
    const data = /^data: (.*)$/m.exec(frame)?.[1];
    return data === undefined ? [] : [JSON.parse(data)];
  });
}
