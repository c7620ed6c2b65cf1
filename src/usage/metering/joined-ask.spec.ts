import { describe, expect, it } from '@jest/globals';
import { MeterBench } from '../../../test/support/meter-bench.js';
import type { ChatEvent } from '../../core/chat/chat-event.js';
import type { ChatRequest } from '../../core/chat/chat-request.js';
import type { BudgetTerms } from '../../core/principal.js';

const REQUEST: ChatRequest = {
  model: 'gpt-4o',
  stream: true,
  messages: [{ role: 'user', content: [{ type: 'text', text: 'hello world' }] }],
};
const BUDGET: BudgetTerms = {
  id: 'bud_1',
  owner: 'key',
  window: 'day',
  amountUsd: '1.0000000000',
  timeZone: 'UTC',
  model: null,
};
const ANSWER: readonly ChatEvent[] = [
  { type: 'text-delta', choice: 0, text: 'hi' },
  { type: 'finish', choice: 0, finishReason: 'stop' },
];

async function* events(): AsyncGenerator<ChatEvent> {
  for (const event of ANSWER) yield await Promise.resolve(event);
}

describe('a request that reads along', () => {
  it('takes no money and no tokens, and counts as a request of its key', async () => {
    const bench = new MeterBench();
    bench.call = bench.newCall({ budgets: [BUDGET] });
    bench.hasLimits = true;
    const meter = await bench.meter().admitJoined(REQUEST, bench.call);
    expect(bench.log[0]).toBe('enter 0');
    for await (const _ of meter.meter(events())) continue;
    bench.call.finish();
    expect(bench.rows).toMatchObject([{ status: 'succeeded', costUsd: '0.0000000000', charges: [], attempts: [] }]);
    expect(bench.log.slice(-2)).toEqual(['settle 0', 'leave']);
  });
});
