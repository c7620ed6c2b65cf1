import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { GatewayConfig } from '../../../src/config/gateway-config.js';
import { ConversationBench, promptOf } from './conversation-bench.js';

// Some 1,500 tokens: four such turns are more than the 8,192 of the narrow model hold beside an answer.
const LONG = 'the ferry and its timetable of the year '.repeat(190);

describe('the context window', () => {
  const bench = new ConversationBench();
  const { lab, cheap } = bench;

  beforeAll(() => bench.start());
  beforeEach(() => {
    bench.reset();
  });
  afterAll(() => bench.stop());

  async function fill(turns: number): Promise<string> {
    const id = await bench.begin(`Turn 0: ${LONG}`, 'Noted 0.');
    for (let turn = 1; turn < turns; turn += 1) {
      lab.reply({ text: `Noted ${String(turn)}.` });
      await bench.say({
        message: `Turn ${String(turn)}: ${LONG}`,
        conversation_id: id,
        system: 'You keep timetables.',
      });
    }
    lab.reset();
    return id;
  }

  it('tells a wide model everything, and a narrow one a summary of what has no room', async () => {
    const id = await fill(5);
    cheap.reply({ text: 'The user reads timetables aloud.', usage: { input: 3_000, output: 9 } });
    lab.reply({ text: 'Five.', usage: { input: 4_000, output: 2 } });
    const reply = await bench.say({ message: 'How many were that?', conversation_id: id, model: 'narrow' });
    expect(reply.warnings).toEqual([
      expect.stringMatching(/no room for \d+ of the earlier messages\. A summary stands/),
    ]);
    const prompt = promptOf(lab.requests[0]);
    expect(prompt[0]).toBe('system You keep timetables.');
    expect(prompt[1]).toMatch(/^system Earlier parts[^]*The user reads timetables aloud\.$/);
    expect(prompt[2]).toMatch(/^user Turn [34]/);
    expect(prompt.at(-1)).toBe('user How many were that?');
    // Both are on the bill of the one request.
    const row = (await bench.app.ledgerRow()) as { attempts: { provider: string }[]; usage: { input_tokens: number } };
    expect(row.attempts.map(({ provider }) => provider)).toEqual(['cheap', 'openai']);
    expect(row.usage.input_tokens).toBe(7_000);
    const quoted = promptOf(cheap.requests[0]).join('\n');
    expect(quoted).toContain('Turn 0:');
    expect(quoted).not.toContain('How many were that?');

    // The same stretch is not summed up again, and a wide model is told all of it.
    await bench.say({ message: 'And which was first?', conversation_id: id, model: 'narrow' });
    expect(cheap.requests).toHaveLength(1);
    expect(promptOf(lab.requests[1])[1]).toContain('The user reads timetables aloud.');
    const wide = await bench.say({ message: 'And last?', conversation_id: id, model: 'lab' });
    expect(wide.warnings).toBeUndefined();
    expect(promptOf(lab.requests[2])).toHaveLength(16);
  });

  it.each([
    ['fails', (): unknown => cheap.failWith(400)],
    ['refuses', (): unknown => cheap.reply({ refusal: 'I will not.' })],
    ['says nothing', (): unknown => cheap.reply({ text: ' ' })],
  ])('answers without a summary when the model that writes it %s', async (_name, script) => {
    const id = await fill(5);
    script();
    lab.reply({ text: 'Five.' });
    const reply = await bench.say({ message: 'How many were that?', conversation_id: id, model: 'narrow' });
    expect(reply).toMatchObject({ content: 'Five.', provider: 'openai', model: expect.stringContaining('gpt-4') });
    expect(reply.warnings).toEqual([expect.stringMatching(/no room for \d+ of the earlier messages\.$/)]);
    const prompt = promptOf(lab.requests[0]);
    expect(prompt[0]).toBe('system You keep timetables.');
    expect(prompt[1]).toMatch(/^user Turn [1-4]/);
    expect((await bench.app.ledgerRow()).status).toBe('succeeded');
  });

  it('is answered by who answers, also when a summary that was given up comes in the middle', async () => {
    const { summary } = bench.app.nest.get(GatewayConfig).conversations;
    const before = { ...summary };
    Object.assign(summary ?? {}, { maxWaitMs: 1 });
    const id = await fill(5);
    const late = cheap.stallAfter(0, { text: 'Too late.' });
    const gate = lab.stallAfter(1, { pieces: ['Five', ' of them.'] });
    const body = { message: 'How many were that?', conversation_id: id, model: 'narrow' };
    const answer = await bench.app.post('/v1/chat/stream', body);
    const frames = answer.text();
    const summing = await cheap.nextRequest();
    late.release();
    while (!summing.completed && !summing.isClosedByClient) await new Promise((resolve) => setImmediate(resolve));
    gate.release();
    expect(await frames).toMatch(/"type":"done".*"provider":"openai"/);
    expect(await bench.app.ledgerRow()).toMatchObject({ status: 'succeeded', provider: 'openai' });
    Object.assign(summary ?? {}, before);
  });

  it('sums up what fell out since, on top of the summary before', async () => {
    const id = await fill(5);
    cheap.reply({ text: 'First summary.' });
    await bench.say({ message: 'How many were that?', conversation_id: id, model: 'narrow' });
    for (const turn of [5, 6, 7]) await bench.say({ message: `Turn ${String(turn)}: ${LONG}`, conversation_id: id });
    cheap.reply({ text: 'Second summary.' });
    await bench.say({ message: 'And now?', conversation_id: id, model: 'narrow' });
    const quoted = promptOf(cheap.requests[1]).join('\n');
    expect(quoted).toContain('First summary.');
    expect(quoted).not.toContain('Turn 0:');
    const prompt = promptOf(lab.requests.at(-1)).join('\n');
    expect(prompt).toContain('Second summary.');
    expect(prompt).not.toContain('First summary.');
    expect(prompt).toContain('Turn 7:');
  });

  it('never splits a call from its result, however large that is', async () => {
    const tools = [{ type: 'function', function: { name: 'timetable' } }];
    const id = await fill(3);
    lab.reply({ toolCalls: [{ id: 'call_1', name: 'timetable', arguments: {} }] });
    await bench.say({ message: 'Read it.', conversation_id: id, tools });
    cheap.failWith(400);
    lab.reply({ text: 'Read.' });
    const messages = [{ role: 'tool', tool_call_id: 'call_1', content: LONG.repeat(5) }];
    await bench.say({ messages, conversation_id: id, tools, model: 'narrow', max_tokens: 100 });
    expect(promptOf(lab.requests.at(-1)).map((line) => line.slice(0, 9))).toEqual([
      ...['system Yo', 'user Read', 'assistant', 'tool the '],
    ]);
  });

  it('reads no more of a conversation than any provider takes, and whole turns of it', async () => {
    const id = await bench.begin('Turn 1', 'Noted 1.');
    for (const turn of [2, 3]) await bench.say({ message: `Turn ${String(turn)}`, conversation_id: id });
    await bench.query(
      'update conversation_message set bytes = 13 * 1024 * 1024 where conversation_id = $1 and turn = 2',
      [id],
    );
    await bench.say({ message: 'And now?', conversation_id: id });
    expect(promptOf(lab.requests.at(-1))[0]).toBe('user Turn 3');
  });

  it('refuses a message that has no room even alone, and forgets it', async () => {
    const id = await bench.begin();
    lab.reset();
    const message = 'ten tokens are in these few words, more or less. '.repeat(800);
    for (const body of [
      { message, model: 'narrow' },
      { message, model: 'narrow', conversation_id: id },
    ]) {
      const response = await bench.app.post('/v1/chat', body);
      expect([response.status, await response.json()]).toEqual([
        400,
        { error: expect.objectContaining({ code: 'context_length_exceeded' }) },
      ]);
    }
    expect(lab.requests).toHaveLength(0);
    expect(await bench.messages(id)).toHaveLength(2);
  });
});
