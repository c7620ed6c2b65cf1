import { describe, expect } from '@jest/globals';
import type { Frame } from '../../fakes/frame.js';
import type { ScriptedReply, ScriptedToolCall } from '../../fakes/scripted-reply.js';
import type { Answer } from './answer.js';
import { CHAT_SURFACES, type Surface, type AskOptions, TEXT_SURFACES } from './surfaces.js';
import { toolCallsIn } from './tool-calls.js';
import { expectFailure } from './expect-answer.js';
import { expectValid } from './expect-valid.js';
import { FaultBench, useBench } from './fault-bench.js';
import type { FaultLane, VendorName } from './fault-lane.js';
import { expectBill, ledgerOf } from './ledger.js';
import { pairUp } from './pair-up.js';

const USAGE = { input: 20, output: 6 };
const TOOLS = ['weather', 'time'];

describe('content that is not what was hoped for', () => {
  const bench = new FaultBench();
  useBench(bench);

  describe.each([
    ['a filter that cuts the text', { text: 'So far', finishReason: 'content-filter' }, 0],
    ['a filter that leaves nothing', { text: '', finishReason: 'content-filter' }, 1],
  ] as [string, ScriptedReply, number][])('F35 %s', (_what, reply, turn) => {
    bench.each(pairUp(TEXT_SURFACES, turn), 'is said', async (lane, { vendor, surface }) => {
      const answer = await ask(lane, { vendor, surface, reply });
      expect(answer).toMatchObject({ status: 200, text: reply.text, finishReason: 'content_filter', isWhole: true });
      await expectBilledOnce(lane, vendor, answer);
    });
  });

  bench.each(pairUp(CHAT_SURFACES, 2), 'F35 a refusal', async (lane, { vendor, surface }) => {
    const answer = await ask(lane, { vendor, surface, reply: { refusal: 'I will not say that.' } });
    expect(answer).toMatchObject({ status: 200, isWhole: true });
    expect(answer.wire.replaceAll(/"|\\/g, '')).toMatch(/I will not say that\.|refusal:I/);
    await expectBilledOnce(lane, vendor, answer);
  });

  // Gemini refuses a prompt with status 200 and no candidate: that is a filter that leaves nothing.
  bench.each(
    pairUp(TEXT_SURFACES, 0, ['openai', 'anthropic', 'responses']),
    'F35 a request that the filter refuses',
    async (lane, { vendor, surface }) => {
      const sibling = lane.healthySibling(vendor);
      lane[vendor].failAs('content-filter').forever();
      const answer = await lane.ask(surface, `${vendor}-first`);
      expectFailure(answer, { status: 400, code: 'content_filter' }, 1, vendor);
      expect(sibling.requests).toHaveLength(0);
      const row = await ledgerOf(lane, answer);
      expect(row).toMatchObject({ status: 'failed', attempts: [{ error_kind: 'content-filter' }] });
      expectBill(row, 'nothing');
      expect(await lane.target(vendor)).toMatchObject({ breaker: 'closed', consecutive_failures: 0 });
    },
  );

  describe.each<[string, ScriptedToolCall[], number]>([
    ['arguments that are no JSON', [{ id: 'call_1', name: 'weather', arguments: '{"city": "Par' }], 0],
    ['no id', [{ id: null, name: 'weather', arguments: { city: 'Paris' } }], 1],
    [
      'two tools',
      [
        { id: 'call_1', name: 'weather', arguments: { city: 'Paris' } },
        { id: 'call_2', name: 'time', arguments: { zone: 'CET' } },
      ],
      2,
    ],
  ])('F37 %s', (_what, toolCalls, turn) => {
    const sendsText = typeof toolCalls[0]?.arguments === 'string';
    const pairs = pairUp(CHAT_SURFACES, turn);
    const possible = pairs.filter(
      ({ vendor, surface }) => !sendsText || (sendsTexts(vendor, surface) && keepsTexts(surface)),
    );
    bench.each(possible, 'stay as they are', async (lane, { vendor, surface }) => {
      const answer = await ask(lane, { vendor, surface, reply: { toolCalls }, options: { tools: TOOLS } });
      expect(answer).toMatchObject({ status: 200, finishReason: 'tool_calls', isWhole: true });
      const calls = toolCallsIn(answer);
      expect(calls.map((call) => ({ name: call.name, arguments: call.arguments }))).toEqual(
        toolCalls.map((call) => ({
          name: call.name,
          arguments: typeof call.arguments === 'string' ? call.arguments : JSON.stringify(call.arguments),
        })),
      );
      expect(new Set(calls.map((call) => call.id)).size).toBe(calls.length);
      for (const call of calls) expect(call.id).toMatch(/^(call_|toolu_|fc_)./);
      await expectBilledOnce(lane, vendor, answer);
    });
  });

  bench.each(
    pairUp(
      CHAT_SURFACES.filter(({ isStream }) => isStream),
      0,
      ['openai'],
    ),
    'F37 deltas of two tools that take turns, with a gap in their indices, stay with their tool',
    async (lane, { surface }) => {
      lane.openai.editFrames(withTurningTools, { text: '', finishReason: 'tool-calls', usage: USAGE });
      const answer = await lane.ask(surface, 'openai-alone', { tools: TOOLS });
      expect(answer.isWhole).toBe(true);
      expect(toolCallsIn(answer).map(({ id, arguments: text }) => [id, text])).toEqual([
        ['call_a', '{"a":1}'],
        ['call_c', '{"c":3}'],
      ]);
    },
  );
});

// Where arguments are an object on the wire, what is no JSON cannot be in one.
function sendsTexts(vendor: VendorName, { isStream }: Surface): boolean {
  return vendor === 'openai' || vendor === 'responses' || (vendor === 'anthropic' && isStream);
}

function keepsTexts({ dialect, isStream }: Surface): boolean {
  return dialect !== 'anthropic-messages' || isStream;
}

function ask(
  lane: FaultLane,
  asked: { vendor: VendorName; surface: Surface; reply: ScriptedReply; options?: AskOptions },
): Promise<Answer> {
  const { vendor, surface, reply, options } = asked;
  lane.healthySibling(vendor);
  lane[vendor].reply({ usage: USAGE, ...reply });
  return lane.ask(surface, `${vendor}-first`, options);
}

async function expectBilledOnce(lane: FaultLane, vendor: VendorName, answer: Answer): Promise<void> {
  expect(answer.headers.get('x-trunkline-attempts')).toBe('1');
  expectValid(answer);
  expect(lane[vendor].requests).toHaveLength(1);
  expect(lane.siblingOf(vendor).requests).toHaveLength(0);
  expect(await ledgerOf(lane, answer)).toMatchObject({
    status: 'succeeded',
    usage: { input_tokens: 20, output_tokens: 6, estimated: false },
    cost_usd: 0.000032,
  });
  expect(await lane.target(vendor)).toMatchObject({ breaker: 'closed', consecutive_failures: 0 });
}

function withTurningTools(frames: Frame[]): Frame[] {
  const delta = (index: number, text: string, head: object = {}): string => {
    const call = { index, ...head, function: { ...('id' in head ? { name: 'weather' } : {}), arguments: text } };
    const choice = { index: 0, delta: { tool_calls: [call] }, finish_reason: null };
    return JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [choice] });
  };
  const deltas = [
    delta(0, '{"a"', { id: 'call_a' }),
    delta(2, '{"c"', { id: 'call_c' }),
    delta(0, ':1}'),
    delta(2, ':3}'),
  ].map((data) => ({ kind: 'other' as const, data }));
  const at = frames.findIndex((frame) => frame.kind === 'finish');
  return [...frames.slice(0, at), ...deltas, ...frames.slice(at)];
}
