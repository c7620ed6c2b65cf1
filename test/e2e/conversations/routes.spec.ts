import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import OpenAI from 'openai';
import { readSse } from '../../support/read-sse.js';
import { ConversationBench, promptOf } from './conversation-bench.js';

const FERRY = 'The island ferry leaves the harbour at nine. It takes forty minutes and carries 120 passengers.';

interface Page {
  data: { id: string }[];
  has_more: boolean;
  first_id: string | null;
  last_id: string | null;
}

describe('/v1/conversations', () => {
  const bench = new ConversationBench();
  const { lab } = bench;
  let client: OpenAI;

  beforeAll(async () => {
    await bench.start();
    client = new OpenAI({ baseURL: `${bench.app.url}/v1`, apiKey: bench.app.adminKey, maxRetries: 0 });
  });
  beforeEach(() => {
    bench.reset();
  });
  afterAll(() => bench.stop());

  async function errorOf(response: Response): Promise<unknown[]> {
    const { error } = (await response.json()) as { error: { code: string; param: string | null } };
    return [response.status, error.code, error.param];
  }

  async function page(path: string, key?: string): Promise<Page> {
    return (await (await bench.app.get(path, { key })).json()) as Page;
  }

  it('S11 does what the official client asks, and remembers what was put in', async () => {
    const made = await client.conversations.create({
      metadata: { topic: 'trips' },
      items: [
        { role: 'developer', content: 'Be brief.' },
        { role: 'user', content: [{ type: 'input_text', text: 'I am Ada.' }] },
        { type: 'function_call', call_id: 'call_7', name: 'lookup', arguments: '{}' },
        { type: 'function_call_output', call_id: 'call_7', output: 'Found nothing.' },
      ],
    });
    expect(made).toMatchObject({
      object: 'conversation',
      metadata: { topic: 'trips' },
      created_at: expect.any(Number),
    });
    expect(await client.conversations.retrieve(made.id)).toEqual(made);
    const changed = await client.conversations.update(made.id, { metadata: { topic: 'names' } });
    expect(changed.metadata).toEqual({ topic: 'names' });

    lab.reply({ text: 'You are Ada.' });
    await bench.say({ message: 'Who am I?', conversation_id: made.id });
    expect(promptOf(lab.requests.at(-1)).map((line) => line.split(' ')[0])).toEqual([
      ...['system', 'user', 'assistant', 'tool', 'user'],
    ]);

    const added = await client.conversations.items.create(made.id, {
      items: [{ role: 'user', content: 'Thank you.' }],
    });
    expect(added.data).toMatchObject([{ type: 'message', role: 'user', status: 'completed' }]);
    const seen: { id: string; type: string }[] = [];
    for await (const item of client.conversations.items.list(made.id, { order: 'asc', limit: 2 }))
      seen.push(item as never);
    expect(seen.map(({ type }) => type)).toEqual([
      ...['message', 'function_call', 'function_call_output', 'message', 'message', 'message'],
    ]);
    const newestFirst: unknown[] = [];
    for await (const item of client.conversations.items.list(made.id, { limit: 1 })) newestFirst.push(item);
    expect(newestFirst).toEqual(seen.toReversed());
    const [, call] = seen;
    expect(await client.conversations.items.retrieve(call?.id ?? '', { conversation_id: made.id })).toEqual(call);
    await client.conversations.items.delete(call?.id ?? '', { conversation_id: made.id });
    await expect(
      client.conversations.items.retrieve(call?.id ?? '', { conversation_id: made.id }),
    ).rejects.toMatchObject({
      status: 404,
    });
    expect(await client.conversations.delete(made.id)).toEqual({
      ...{ id: made.id, object: 'conversation.deleted', deleted: true },
    });
    await expect(client.conversations.retrieve(made.id)).rejects.toMatchObject({ status: 404, code: 'not_found' });
  });

  it('lists the newest first, page by page, and renames', async () => {
    const key = await bench.app.createKey({ project: 'lister' });
    const ids: string[] = [];
    for (let count = 0; count < 5; count += 1) {
      const made = await bench.app.post('/v1/conversations', { title: `Number ${String(count)}` }, { key });
      ids.unshift(((await made.json()) as { id: string }).id);
    }
    const first = await page('/v1/conversations?limit=2', key);
    expect(first).toMatchObject({ has_more: true, first_id: ids[0], last_id: ids[1] });
    const second = await page(`/v1/conversations?limit=2&after=${ids[1] ?? ''}`, key);
    const third = await page(`/v1/conversations?limit=2&after=${ids[3] ?? ''}`, key);
    expect([...first.data, ...second.data, ...third.data].map(({ id }) => id)).toEqual(ids);
    expect([second.has_more, third.has_more]).toEqual([true, false]);
    const path = `/v1/conversations/${ids[0] ?? ''}`;
    const renamed = await bench.app.request('PATCH', path, { key, text: '{"title":"Another name"}' });
    expect(await renamed.json()).toMatchObject({ id: ids[0], title: 'Another name', metadata: {} });
    const bared = await bench.app.request('PATCH', path, { key, text: '{"title":null,"metadata":{"a":"b"}}' });
    expect(await bared.json()).toMatchObject({ title: null, metadata: { a: 'b' } });
  });

  it.each(['0', '-1', '1e9', 'abc', '1.5', '101'])('L01 refuses a limit of %s', async (limit) => {
    const id = await bench.begin();
    for (const path of ['/v1/conversations', `/v1/conversations/${id}/messages`, `/v1/conversations/${id}/items`]) {
      expect(await errorOf(await bench.app.get(`${path}?limit=${limit}`))).toEqual([400, 'invalid_query', 'limit']);
    }
  });

  it('L01 refuses cursors and orders of nobody', async () => {
    const id = await bench.begin();
    const other = await bench.begin();
    const [foreign] = await bench.messages(other);
    const key = await bench.app.createKey({ project: 'cursors' });
    expect(await errorOf(await bench.app.get(`/v1/conversations?after=${id}`, { key }))).toEqual([
      400,
      'invalid_cursor',
      'after',
    ]);
    for (const path of [`/v1/conversations/${id}/messages`, `/v1/conversations/${id}/items`]) {
      for (const after of [foreign?.id ?? '', 'garbage', 'eyJpZCI6MX0=', `${foreign?.id ?? ''}_0`, 'x'.repeat(5_000)]) {
        expect(await errorOf(await bench.app.get(`${path}?after=${after}`))).toEqual([400, 'invalid_cursor', 'after']);
      }
      expect(await errorOf(await bench.app.get(`${path}?order=desc;drop table`))).toEqual([
        400,
        'invalid_query',
        'order',
      ]);
    }
  });

  it('L03 finds nothing by an id of nobody', async () => {
    const id = await bench.begin();
    for (const wrong of ["x' or 1=1--", 'c'.repeat(10_000), 'conv_0123456789ABCDEFGHJKMNPQ']) {
      const path = `/v1/conversations/${encodeURIComponent(wrong)}`;
      for (const route of [
        path,
        `${path}/messages`,
        `${path}/items`,
        `/v1/conversations/${id}/items/${encodeURIComponent(wrong)}`,
      ]) {
        expect((await bench.app.get(route)).status).toBe(404);
      }
      expect((await bench.app.delete(path)).status).toBe(404);
      expect((await bench.app.delete(`/v1/conversations/${id}/items/${encodeURIComponent(wrong)}`)).status).toBe(404);
    }
  });

  it.each<[object, string, string]>([
    [{ title: '' }, 'invalid_value', 'title'],
    [{ title: 7 }, 'invalid_type', 'title'],
    [{ name: 'x' }, 'unknown_parameter', 'name'],
    [{ metadata: { a: 1 } }, 'invalid_metadata', 'metadata.a'],
    [{ metadata: { a: 'x'.repeat(513) } }, 'invalid_metadata', 'metadata.a'],
    [{ items: [{ type: 'web_search_call' }] }, 'invalid_value', 'items[0].type'],
    [{ items: [{ role: 'critic', content: 'x' }] }, 'invalid_value', 'items[0].role'],
    [
      { items: [{ role: 'user', content: [{ type: 'input_image', image_url: 'ftp://x' }] }] },
      'invalid_value',
      'items[0].content[0].image_url',
    ],
    [
      { items: [{ type: 'function_call_output', call_id: 'call_none', output: 'x' }] },
      'invalid_tool_sequence',
      'messages',
    ],
    [{ items: Array.from({ length: 21 }, () => ({ role: 'user', content: 'x' })) }, 'invalid_value', 'items'],
  ])('refuses to begin with %j', async (body, code, param) => {
    const before = (await page('/v1/conversations?limit=1')).first_id;
    expect(await errorOf(await bench.app.post('/v1/conversations', body))).toEqual([400, code, param]);
    expect((await page('/v1/conversations?limit=1')).first_id).toBe(before);
  });

  it('an item that is deleted while its turn is answered takes nothing of the answer with it', async () => {
    const id = await bench.begin();
    const gate = lab.stallAfter(1, { pieces: ['One ', 'two'] });
    const messages = ['First', 'Second'].map((content) => ({ role: 'user', content }));
    const pending = bench.say({ messages, conversation_id: id });
    await lab.waitForRequests(2);
    const first = (await bench.messages(id)).find(({ content }) => content === 'First')?.id ?? '';
    expect((await bench.app.delete(`/v1/conversations/${id}/items/${first}`)).status).toBe(200);
    gate.release();
    await pending;
    expect((await bench.told(id)).slice(2)).toEqual(['user completed Second', 'assistant completed One two']);
  });

  it('/v1/query and /v1/stream go on with a conversation, and keep what they answered', async () => {
    const indexed = await bench.app.post('/v1/index', { source: 'ferry.md', content: FERRY });
    expect(await bench.app.waitForJob(((await indexed.json()) as { job_id: string }).job_id)).toMatchObject({
      status: 'succeeded',
    });
    const id = await bench.begin('How do I get to the island?', 'By the island ferry.');
    lab.reply({ text: 'When does the island ferry leave the harbour?' });
    lab.reply({ text: 'At nine [1].' });
    const asked = await bench.app.post('/v1/query', { question: 'When does it leave?', conversation_id: id });
    expect(asked.headers.get('x-conversation-id')).toBe(id);
    expect(await asked.json()).toMatchObject({ answered: true, conversation_id: id, answer: 'At nine [1].' });
    expect(promptOf(lab.requests.at(-1)).slice(1, 3)).toEqual([
      'user How do I get to the island?',
      'assistant By the island ferry.',
    ]);

    lab.reply({ text: 'How many passengers does the island ferry carry?' });
    lab.cutAfter(2, { pieces: ['It carries', ' 120 passengers', ' [1]', ' a day.'] });
    const body = { question: 'How many does it carry?', conversation_id: id };
    const frames = await readSse(await bench.app.post('/v1/stream', body));
    expect(frames.at(-1)?.data).toContain('"error"');
    expect((await bench.told(id)).slice(2)).toEqual([
      ...['user completed When does it leave?', 'assistant completed At nine [1].'],
      ...['user completed How many does it carry?', expect.stringMatching(/^assistant partial It carries/)],
    ]);
    const twice = { question: 'When does it leave?', conversation_id: id, history: [{ role: 'user', content: 'Hi' }] };
    expect(await errorOf(await bench.app.post('/v1/query', twice))).toEqual([400, 'invalid_value', 'history']);
    const nowhere = { question: 'When does it leave?', conversation_id: id, collection: 'nowhere' };
    expect((await bench.app.post('/v1/query', nowhere)).status).toBe(404);
    expect(await bench.messages(id)).toHaveLength(6);
  });
});
