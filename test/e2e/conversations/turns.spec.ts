import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { TurnWriter } from '../../../src/conversations/turns/turn-writer.service.js';
import { readSse } from '../../support/read-sse.js';
import { ConversationBench, promptOf } from './conversation-bench.js';

const RANDOM_ID = 'conv_0123456789ABCDEFGHJKMNPQ';

describe('turns of stored conversations', () => {
  const bench = new ConversationBench();
  const { lab } = bench;

  beforeAll(() => bench.start());
  beforeEach(() => {
    bench.reset();
  });
  afterAll(() => bench.stop());

  async function countConversations(): Promise<number> {
    const [row] = await bench.query<{ count: number }>('select count(*)::int as count from conversation');
    return row?.count ?? -1;
  }

  it('a message begins a conversation, unless it is not to be stored; messages begin none', async () => {
    const before = await countConversations();
    const stored = await bench.app.post('/v1/chat', { message: '  Plan a trip\nto Oslo, please. ' });
    const { conversation_id: id } = (await stored.json()) as { conversation_id: string };
    expect(stored.headers.get('x-conversation-id')).toBe(id);
    expect(await (await bench.app.get(`/v1/conversations/${id}`)).json()).toMatchObject({
      title: 'Plan a trip to Oslo, please.',
    });
    for (const body of [{ message: 'Hi', store: false }, { messages: [{ role: 'user', content: 'Hi' }] }]) {
      const response = await bench.app.post('/v1/chat', body);
      expect(await response.json()).toMatchObject({ conversation_id: null });
      expect(response.headers.get('x-conversation-id')).toBeNull();
    }
    const kept = await bench.say({ messages: [{ role: 'user', content: 'Hi' }], store: true });
    expect(kept.conversation_id).toMatch(/^conv_/);
    expect(await countConversations()).toBe(before + 2);
  });

  it('a turn that is not stored knows what was said before and leaves nothing', async () => {
    const id = await bench.begin('I am Ada.');
    const reply = await bench.say({ message: 'Who am I?', conversation_id: id, store: false });
    expect(reply.conversation_id).toBe(id);
    expect(promptOf(lab.requests.at(-1))).toEqual(['user I am Ada.', 'assistant Hello yourself.', 'user Who am I?']);
    expect(await bench.messages(id)).toHaveLength(2);
  });

  it('the newest system text holds, for this and later turns', async () => {
    const id = await bench.begin('One');
    await bench.say({ message: 'Two', conversation_id: id, system: 'Be brief.' });
    await bench.say({ message: 'Three', conversation_id: id });
    expect(promptOf(lab.requests.at(-1))[0]).toBe('system Be brief.');
    await bench.say({
      conversation_id: id,
      messages: [
        { role: 'system', content: 'Be long.' },
        { role: 'user', content: 'Four' },
      ],
    });
    await bench.say({ message: 'Five', conversation_id: id });
    const prompt = promptOf(lab.requests.at(-1));
    expect(prompt.filter((line) => line.startsWith('system'))).toEqual(['system Be long.']);
    expect(prompt).toHaveLength(10);
  });

  it.each([
    ['unknown', RANDOM_ID],
    ['malformed', "x' or 1=1--"],
    ['long', 'c'.repeat(10_000)],
  ])('C21 a conversation that is %s is not found, and nobody is asked', async (_name, id) => {
    for (const path of ['/v1/chat', '/v1/chat/stream', '/v1/query', '/v1/stream']) {
      const body = path.startsWith('/v1/chat') ? { message: 'Hi' } : { question: 'What is there?' };
      const response = await bench.app.post(path, { ...body, conversation_id: id });
      expect([path, response.status]).toEqual([path, 404]);
      expect(await response.json()).toMatchObject({ error: { code: 'not_found', param: 'conversation_id' } });
      expect(response.headers.get('x-conversation-id')).toBeNull();
    }
    expect(lab.requests).toHaveLength(0);
  });

  it('C21 a conversation of another project is not found', async () => {
    const id = await bench.begin();
    const key = await bench.app.createKey({ project: 'stranger' });
    lab.reset();
    const foreign = await bench.app.post('/v1/chat', { message: 'Hi', conversation_id: id }, { key });
    const nobodys = await bench.app.post('/v1/chat', { message: 'Hi', conversation_id: RANDOM_ID }, { key });
    expect([foreign.status, await foreign.text()]).toEqual([nobodys.status, await nobodys.text()]);
    expect(foreign.status).toBe(404);
    expect(lab.requests).toHaveLength(0);
    expect(await bench.messages(id)).toHaveLength(2);
  });

  it('what is refused before anybody was asked was never said', async () => {
    const before = await countConversations();
    const id = await bench.begin();
    const limited = await bench.app.post('/admin/keys', { name: 'narrow', models: ['sonnet'] });
    const { key } = (await limited.json()) as { key: string };
    const refusals: [object, string, string | undefined][] = [
      [{ message: 'Hi', model: 'nobody/knows' }, 'model_not_found', undefined],
      [{ message: 'Hi', model: 'nobody/knows', conversation_id: id }, 'model_not_found', undefined],
      [{ message: 'Hi', model: 'lab' }, 'model_not_allowed', key],
      [{ message: 'Hi', model: 'lab', conversation_id: id }, 'model_not_allowed', key],
    ];
    for (const [body, code, by] of refusals) {
      const response = await bench.app.post('/v1/chat', body, { key: by });
      expect(await response.json()).toMatchObject({ error: { code } });
      if (!('conversation_id' in body)) expect(response.headers.get('x-conversation-id')).toBeNull();
    }
    expect(await countConversations()).toBe(before + 1);
    expect(await bench.told(id)).toEqual(['user completed Hello', 'assistant completed Hello yourself.']);
  });

  it('a turn that nobody could answer is marked, and no model hears of it again', async () => {
    const id = await bench.begin();
    lab.failWith(400);
    const failed = await bench.app.post('/v1/chat', {
      message: 'Poison',
      system: 'Poison, too.',
      conversation_id: id,
    });
    expect(failed.status).toBe(400);
    expect(failed.headers.get('x-conversation-id')).toBe(id);
    await bench.say({ message: 'Still there?', conversation_id: id });
    expect(promptOf(lab.requests.at(-1)).join()).not.toContain('Poison');
    expect((await bench.told(id)).slice(2, 4)).toEqual(['user failed Poison', 'user completed Still there?']);
  });

  it.each([
    ['breaks off', (): unknown => lab.cutAfter(2, { pieces: ['One ', 'two ', 'three ', 'four'] })],
    ['is ended by the provider', (): unknown => lab.errorFrameAfter(2, { pieces: ['One ', 'two ', 'three ', 'four'] })],
  ])('an answer that %s is kept as far as it came, and marked', async (_name, script) => {
    const id = await bench.begin();
    script();
    const frames = await readSse(await bench.app.post('/v1/chat/stream', { message: 'Count', conversation_id: id }));
    expect(frames.at(-1)?.data).toContain('"error"');
    const told = await bench.told(id);
    expect(told.slice(2)).toEqual(['user completed Count', expect.stringMatching(/^assistant partial One/)]);
    await bench.say({ message: 'Go on', conversation_id: id });
    expect(promptOf(lab.requests.at(-1)).at(-2)).toMatch(/^assistant One/);
  });

  it('an answer whose client leaves is kept as far as it came, and marked', async () => {
    const id = await bench.begin();
    const stalled = lab.stallAfter(2, { pieces: ['One ', 'two ', 'three'] });
    const leave = new AbortController();
    const response = await bench.app.request('POST', '/v1/chat/stream', {
      text: JSON.stringify({ message: 'Count', conversation_id: id }),
      signal: leave.signal,
    });
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    for (let text = '', isOver = false; !isOver && !text.includes('two');) {
      const { value, done } = await reader.read();
      text += Buffer.from(value ?? []).toString();
      isOver = done;
    }
    expect((await bench.told(id)).slice(2)).toEqual(['user in_progress Count']);
    leave.abort();
    await lab.waitForClose();
    stalled.release();
    const expected = ['user completed Count', 'assistant partial One two '];
    await bench.waitForTold(id, ['user completed Hello', 'assistant completed Hello yourself.', ...expected]);
  });

  it('a call that was cut off in the middle is not kept: nobody could answer it', async () => {
    const id = await bench.begin();
    const tools = [{ type: 'function', function: { name: 'weather' } }];
    lab.cutAfter(3, {
      pieces: ['Let me', ' see.'],
      toolCalls: [{ id: 'call_cut', name: 'weather', arguments: '{"city":"Oslo"}' }],
    });
    const body = { message: 'How warm?', tools, conversation_id: id };
    expect(await (await bench.app.post('/v1/chat/stream', body)).text()).toContain('"tool_call"');
    const messages = await bench.messages(id);
    expect(messages.at(-1)).toMatchObject({ role: 'assistant', status: 'partial', content: 'Let me see.' });
    expect(messages.at(-1)?.tool_calls).toBeUndefined();
  });

  it('results of tools find their call although others spoke in between, once', async () => {
    const tools = [{ type: 'function', function: { name: 'weather' } }];
    lab.reply({ toolCalls: [{ id: 'call_1', name: 'weather', arguments: { city: 'Oslo' } }] });
    const id = (await bench.say({ message: 'How warm?', tools })).conversation_id;
    await bench.say({ message: 'By the way: hello.', conversation_id: id });
    expect(promptOf(lab.requests.at(-1))[2]).toMatch(/^tool No result/);
    const result = { role: 'tool', tool_call_id: 'call_1', content: '-3 C' };
    await bench.say({ messages: [result], tools, conversation_id: id });
    expect(promptOf(lab.requests.at(-1)).map((line) => line.split(' ')[0])).toEqual([
      ...['user', 'assistant', 'tool', 'user', 'assistant'],
    ]);
    expect(promptOf(lab.requests.at(-1))[2]).toBe('tool -3 C');
    for (const messages of [[result], [{ ...result, tool_call_id: 'call_nobody_made' }]]) {
      const refused = await bench.app.post('/v1/chat', { messages, tools, conversation_id: id });
      expect(await refused.json()).toMatchObject({ error: { code: 'invalid_tool_sequence', param: 'messages' } });
    }
    const alone = await bench.app.post('/v1/chat', { messages: [result] });
    expect(await alone.json()).toMatchObject({ error: { code: 'invalid_tool_sequence' } });
  });

  it('writers on one conversation are ordered and lose nothing', async () => {
    const id = await bench.begin();
    lab.reply((request) => ({ text: `Answer to ${promptOf(request).at(-1) ?? ''}` })).times(12);
    const names = Array.from({ length: 12 }, (_, index) => `question ${String(index)}`);
    await Promise.all(names.map((message) => bench.say({ message, conversation_id: id })));
    const messages = (await bench.messages(id)).slice(2);
    expect(messages.map(({ turn }) => turn)).toEqual(
      Array.from({ length: 24 }, (_, index) => 2 + Math.floor(index / 2)),
    );
    const asked = messages.filter(({ role }) => role === 'user').map(({ content }) => content);
    expect([...asked].sort()).toEqual([...names].sort());
    messages.forEach(({ role, content }, index) => {
      if (role === 'assistant') expect(content).toBe(`Answer to user ${String(messages[index - 1]?.content)}`);
    });
  });

  it('is bounded in messages and in the bytes of each', async () => {
    const long = await bench.app.post('/v1/chat', { message: 'x'.repeat(50_000) });
    expect([long.status, await long.json()]).toEqual([
      413,
      { error: expect.objectContaining({ code: 'request_too_large', param: 'messages' }) },
    ]);
    const id = await bench.begin();
    const items = Array.from({ length: 20 }, () => ({ role: 'user', content: 'More' }));
    for (let count = 0; count < 2; count += 1) await bench.app.post(`/v1/conversations/${id}/items`, { items });
    const full = await bench.app.post(`/v1/conversations/${id}/items`, { items });
    expect([full.status, await full.json()]).toEqual([
      409,
      { error: expect.objectContaining({ code: 'invalid_state' }) },
    ]);
    expect(await bench.messages(id)).toHaveLength(42);
    // A turn that was refused took no number.
    await bench.say({ message: 'And now?', conversation_id: id });
    expect((await bench.messages(id)).at(-1)?.turn).toBe(4);
  });

  it('a turn whose process died is seen as what is there of it, and ended by those who live', async () => {
    const id = await bench.begin();
    const writer = bench.app.nest.get(TurnWriter, { strict: false });
    await bench.query(
      `insert into conversation_turn (conversation_id, turn, status, instance_id, request_id)
       values ($1, 2, 'running', 'inst_dead', 'req_dead'), ($1, 3, 'running', 'inst_dead', 'req_dead'),
         ($1, 4, 'running', $2, 'req_young')`,
      [id, writer.instanceId],
    );
    await bench.query(
      `insert into conversation_message (conversation_id, turn, ordinal, id, role, content, tokens, bytes, is_answer) values
       ($1, 2, 0, 'msg_A', 'user', '{"role":"user","content":[{"type":"text","text":"Lost"}]}', 1, 1, false),
       ($1, 3, 0, 'msg_B', 'user', '{"role":"user","content":[{"type":"text","text":"Half"}]}', 1, 1, false),
       ($1, 3, 1, 'msg_C', 'assistant', '{"role":"assistant","content":[{"type":"text","text":"An"}]}', 1, 1, true)`,
      [id],
    );
    await bench.query('update conversation set last_turn = 4 where id = $1', [id]);
    const expected = ['user failed Lost', 'user completed Half', 'assistant partial An'];
    expect((await bench.told(id)).slice(2)).toEqual(expected);
    // The fourth has just begun here, and is held a moment later.
    await writer.sweep();
    expect(
      await bench.query('select status from conversation_turn where conversation_id = $1 order by turn', [id]),
    ).toEqual([{ status: 'completed' }, { status: 'failed' }, { status: 'partial' }, { status: 'running' }]);
    expect((await bench.told(id)).slice(2)).toEqual(expected);
    await bench.say({ message: 'Go on', conversation_id: id });
    expect(promptOf(lab.requests.at(-1)).slice(2)).toEqual(['user Half', 'assistant An', 'user Go on']);
  });

  it('a conversation that is deleted in mid-answer stays deleted', async () => {
    const id = await bench.begin();
    const stalled = lab.stallAfter(1, { pieces: ['One ', 'two'] });
    const pending = bench.app.post('/v1/chat', { message: 'Count', conversation_id: id });
    await lab.waitForRequests(2);
    expect((await bench.app.delete(`/v1/conversations/${id}`)).status).toBe(200);
    stalled.release();
    expect((await pending).status).toBe(200);
    for (const table of ['conversation_message', 'conversation_turn']) {
      expect(await bench.query(`select 1 from ${table} where conversation_id = $1`, [id])).toEqual([]);
    }
  });

  it('erases the conversations of a deleted project', async () => {
    const project = (await (await bench.app.post('/admin/projects', { name: 'gone' })).json()) as { id: string };
    const made = await bench.app.post('/admin/keys', { name: 'test', project_id: project.id });
    const { key } = (await made.json()) as { key: string };
    const { conversation_id: id } = (await (await bench.app.post('/v1/chat', { message: 'Hi' }, { key })).json()) as {
      conversation_id: string;
    };
    expect((await bench.app.delete(`/admin/projects/${project.id}`)).status).toBe(200);
    const giveUpAt = performance.now() + 10_000;
    while ((await bench.query('select 1 from conversation where id = $1', [id])).length > 0) {
      if (performance.now() > giveUpAt) throw new Error('The conversation is still there.');
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(await bench.query('select 1 from conversation_message where conversation_id = $1', [id])).toEqual([]);
  });
});
