import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { runsOnServer } from '../../support/database.js';
import { ConversationBench, promptOf } from './conversation-bench.js';

if (!runsOnServer) {
  process.stderr.write(
    'Two replicas need a PostgreSQL server (TEST_DATABASE_URL): their conversations are not tested.\n',
  );
}

// The embedded database belongs to one process.
(runsOnServer ? describe : describe.skip)('one conversation and two replicas', () => {
  const bench = new ConversationBench();
  const { lab } = bench;

  beforeAll(() => bench.start(2));
  beforeEach(() => {
    bench.reset();
  });
  afterAll(() => bench.stop());

  it('writers are ordered and lose nothing, whoever answers them', async () => {
    const id = await bench.begin();
    lab.reply((request) => ({ text: `Answer to ${promptOf(request).at(-1) ?? ''}` })).times(24);
    const names = Array.from({ length: 24 }, (_, index) => `question ${String(index)}`);
    await Promise.all(
      names.map((message, index) => bench.say({ message, conversation_id: id }, bench.apps[index % bench.apps.length])),
    );
    for (const app of bench.apps) {
      const messages = (await bench.messages(id, app)).slice(2);
      expect(messages.map(({ turn }) => turn)).toEqual(names.flatMap((_, index) => [index + 2, index + 2]));
      expect(messages.flatMap(({ role, content }) => (role === 'user' ? [content] : [])).sort()).toEqual(
        [...names].sort(),
      );
      messages.forEach(({ role, content }, index) => {
        if (role === 'assistant') expect(content).toBe(`Answer to user ${String(messages[index - 1]?.content)}`);
      });
    }
    // What one was told was committed before it began: each prompt is a beginning of the whole, without those under way.
    await bench.say({ message: 'All of it?', conversation_id: id }, bench.apps[1]);
    expect(promptOf(lab.requests.at(-1))).toHaveLength(51);
  });

  it('an answer under way at one is seen at the other as such, and is whole when it is', async () => {
    const id = await bench.begin();
    const [one, other] = bench.apps;
    const stalled = lab.stallAfter(1, { pieces: ['One ', 'two'] });
    const pending = bench.say({ message: 'Count', conversation_id: id }, one);
    await lab.waitForRequests(2);
    expect((await bench.told(id, other)).slice(2)).toEqual(['user in_progress Count']);
    await bench.say({ message: 'Hurry', conversation_id: id }, other);
    expect(promptOf(lab.requests.at(-1))).toEqual(['user Hello', 'assistant Hello yourself.', 'user Hurry']);
    stalled.release();
    expect((await pending).content).toBe('One two');
    expect((await bench.told(id, other)).slice(2, 4)).toEqual(['user completed Count', 'assistant completed One two']);
  });

  it('one answer of two is taken for the result of a call', async () => {
    const tools = [{ type: 'function', function: { name: 'weather' } }];
    lab.reply({ toolCalls: [{ id: 'call_1', name: 'weather', arguments: {} }] });
    const id = (await bench.say({ message: 'How warm?', tools })).conversation_id;
    const body = { conversation_id: id, tools, messages: [{ role: 'tool', tool_call_id: 'call_1', content: '-3 C' }] };
    const responses = await Promise.all(bench.apps.map((app) => app.post('/v1/chat', body)));
    expect(responses.map(({ status }) => status).sort()).toEqual([200, 400]);
  });

  it('a conversation that is deleted at one in mid-answer at the other stays deleted', async () => {
    const id = await bench.begin();
    const [one, other] = bench.apps;
    const stalled = lab.stallAfter(1, { pieces: ['One ', 'two'] });
    const pending = bench.say({ message: 'Count', conversation_id: id }, one);
    await lab.waitForRequests(2);
    expect((await other?.delete(`/v1/conversations/${id}`))?.status).toBe(200);
    stalled.release();
    await pending;
    expect(await bench.query('select 1 from conversation_turn where conversation_id = $1', [id])).toEqual([]);
  });
});
