import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { ScriptedReply, ScriptedToolCall } from '../../fakes/scripted-reply.js';
import { CHAT_SURFACES, STREAMS, dataLines, type Answer } from './client.js';
import { expectFailure } from './expect-answer.js';
import { FaultBench, VENDORS, type VendorName } from './fault-bench.js';
import { expectBill, ledgerOf } from './ledger.js';

const USAGE = { input: 20, output: 6 };
const TOOLS = ['weather', 'time'].map((name) => ({
  type: 'function' as const,
  function: { name, parameters: { type: 'object', properties: {} } },
}));

interface ToolDelta {
  index: number;
  id?: string;
  function: { name?: string; arguments: string };
}

interface ToolCall {
  id: string;
  name: string;
  arguments: string;
}

describe('content that is not what was hoped for', () => {
  const bench = new FaultBench();
  beforeAll(() => bench.start());
  beforeEach(() => {
    bench.reset();
  });
  afterAll(() => bench.stop());

  describe.each(VENDORS)('%s', (vendor) => {
    describe.each(CHAT_SURFACES.map((surface) => [surface.name, surface] as const))('%s', (_name, surface) => {
      const ask = (reply: ScriptedReply, options?: object): Promise<Answer> => {
        bench.healthySibling(vendor);
        bench[vendor].reply({ usage: USAGE, ...reply });
        return surface.ask(bench.client, `${vendor}-first`, options);
      };

      it.each([
        ['a filter that cuts the text', { text: 'So far', finishReason: 'content-filter' }],
        ['a filter that leaves nothing', { text: '', finishReason: 'content-filter' }],
      ] as [string, ScriptedReply][])('F35 %s', async (_what, reply) => {
        const answer = await ask(reply);
        expect(answer).toMatchObject({ status: 200, text: reply.text, finishReason: 'content_filter', isWhole: true });
        await expectBilledOnce(vendor, answer);
      });

      it('F35 a refusal', async () => {
        const answer = await ask({ refusal: 'I will not say that.' });
        expect(answer).toMatchObject({ status: 200, isWhole: true });
        expect(answer.wire.replaceAll(/"|\\/g, '')).toMatch(/I will not say that\.|refusal:I/);
        await expectBilledOnce(vendor, answer);
      });

      it('F35 a request that the filter refuses', async () => {
        // Gemini refuses a prompt with status 200 and no candidate: that is a filter that leaves nothing.
        if (vendor === 'gemini') return;
        const sibling = bench.healthySibling(vendor);
        bench[vendor].failAs('content-filter').forever();
        const answer = await surface.ask(bench.client, `${vendor}-first`);
        expectFailure(answer, { status: 400, code: 'content_filter' }, 1, vendor);
        expect(sibling.requests).toHaveLength(0);
        const row = await ledgerOf(bench, answer);
        expect(row).toMatchObject({ status: 'failed', attempts: [{ error_kind: 'content-filter' }] });
        expectBill(row, 'nothing');
        expect(await bench.target(vendor)).toMatchObject({ breaker: 'closed', consecutive_failures: 0 });
      });

      it.each<[string, ScriptedToolCall[]]>([
        ['arguments that are no JSON', [{ id: 'call_1', name: 'weather', arguments: '{"city": "Par' }]],
        ['no id', [{ id: null, name: 'weather', arguments: { city: 'Paris' } }]],
        [
          'two tools',
          [
            { id: 'call_1', name: 'weather', arguments: { city: 'Paris' } },
            { id: 'call_2', name: 'time', arguments: { zone: 'CET' } },
          ],
        ],
      ])('F37 %s', async (_what, toolCalls) => {
        // Where arguments are sent as an object, what is no JSON cannot be in one.
        const sendsObjects = vendor === 'gemini' || (vendor === 'anthropic' && !surface.isStream);
        if (sendsObjects && typeof toolCalls[0]?.arguments === 'string') return;
        const answer = await ask({ toolCalls }, { tools: TOOLS });
        expect(answer).toMatchObject({ status: 200, finishReason: 'tool_calls', isWhole: true });
        const calls = callsIn(answer, surface.name);
        expect(calls.map((call) => ({ name: call.name, arguments: call.arguments }))).toEqual(
          toolCalls.map((call) => ({
            name: call.name,
            arguments: typeof call.arguments === 'string' ? call.arguments : JSON.stringify(call.arguments),
          })),
        );
        expect(new Set(calls.map((call) => call.id)).size).toBe(calls.length);
        for (const call of calls) expect(call.id).toMatch(/^(call_|toolu_)./);
        await expectBilledOnce(vendor, answer);
      });
    });

    async function expectBilledOnce(name: VendorName, answer: Answer): Promise<void> {
      expect(answer.headers.get('x-trunkline-attempts')).toBe('1');
      expect(bench[name].requests).toHaveLength(1);
      expect(bench.siblingOf(name).requests).toHaveLength(0);
      expect(await ledgerOf(bench, answer)).toMatchObject({
        status: 'succeeded',
        usage: { input_tokens: 20, output_tokens: 6, estimated: false },
        cost_usd: 0.000032,
      });
      expect(await bench.target(name)).toMatchObject({ breaker: 'closed', consecutive_failures: 0 });
    }
  });

  it.each(STREAMS.map((surface) => [surface.name, surface] as const))(
    'F37 %s: deltas of two tools that take turns, with a gap in their indices, stay with their tool',
    async (_name, surface) => {
      const delta = (index: number, text: string, head: object = {}): string => {
        const call = { index, ...head, function: { ...('id' in head ? { name: 'weather' } : {}), arguments: text } };
        const choice = { index: 0, delta: { tool_calls: [call] }, finish_reason: null };
        return JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [choice] });
      };
      bench.openai.editFrames(
        (frames) => {
          const at = frames.findIndex((frame) => frame.kind === 'finish');
          const deltas = [
            delta(0, '{"a"', { id: 'call_a' }),
            delta(2, '{"c"', { id: 'call_c' }),
            delta(0, ':1}'),
            delta(2, ':3}'),
          ].map((data) => ({ kind: 'other' as const, data }));
          return [...frames.slice(0, at), ...deltas, ...frames.slice(at)];
        },
        { text: '', finishReason: 'tool-calls', usage: USAGE },
      );
      const answer = await surface.ask(bench.client, 'openai-alone', { tools: TOOLS });
      expect(answer.isWhole).toBe(true);
      expect(callsIn(answer, surface.name).map(({ id, arguments: text }) => [id, text])).toEqual([
        ['call_a', '{"a":1}'],
        ['call_c', '{"c":3}'],
      ]);
    },
  );
});

/** The tool calls that a client of the surface puts together from what stood on the wire. */
function callsIn(answer: Answer, surface: string): ToolCall[] {
  switch (surface) {
    case 'chat.completions': {
      const reply = JSON.parse(answer.wire) as { choices: { message: { tool_calls: ToolDelta[] } }[] };
      return (reply.choices[0]?.message.tool_calls ?? []).map(toCall);
    }
    case '/v1/chat':
      return (JSON.parse(answer.wire) as { tool_calls: ToolDelta[] }).tool_calls.map(toCall);
    default:
      return gather(deltasIn(answer.wire, surface));
  }
}

function toCall(call: ToolDelta): ToolCall {
  return { id: call.id ?? '', name: call.function.name ?? '', arguments: call.function.arguments };
}

function deltasIn(wire: string, surface: string): ToolDelta[] {
  const frames = dataLines(wire).filter((data) => data.startsWith('{'));
  if (surface === '/v1/chat/stream') {
    return frames
      .map(
        (data) =>
          JSON.parse(data) as { type: string; id: string; index: number; name?: string; arguments_delta: string },
      )
      .filter((frame) => frame.type === 'tool_call')
      .map(({ id, index, name, arguments_delta: text }) => ({ id, index, function: { name, arguments: text } }));
  }
  return frames.flatMap((data) => {
    const chunk = JSON.parse(data) as { choices: { delta: { tool_calls?: ToolDelta[] } }[] };
    return chunk.choices[0]?.delta.tool_calls ?? [];
  });
}

function gather(deltas: ToolDelta[]): ToolCall[] {
  const calls = new Map<number, ToolCall>();
  for (const delta of deltas) {
    const call = calls.get(delta.index) ?? { id: '', name: '', arguments: '' };
    calls.set(delta.index, call);
    if (call.id === '') call.id = delta.id ?? '';
    call.name ||= delta.function.name ?? '';
    call.arguments += delta.function.arguments;
  }
  return [...calls.values()];
}
