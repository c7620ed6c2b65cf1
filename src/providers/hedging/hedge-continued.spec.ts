import { describe, expect, it } from '@jest/globals';
import { after, end, HEDGE, learnt, says, send } from '../../../test/support/hedged-world.js';
import { failure, modelConfig, type ScriptStep, start, type World } from '../../../test/support/scripted-providers.js';
import { tokenUsage } from '../../core/chat/token-usage.js';
import { AppError } from '../../core/errors/app-error.js';

const TARGETS = ['a/x', 'b/x'];
const MODELS = [modelConfig('m', TARGETS, { hedge: HEDGE, continuation: { instruction: 'Go on.' } })];
const BROKEN = failure('interrupted');
/** Of an answer that begins late and breaks behind its first word. */
const breaking = (ms: number): ScriptStep[] => [start, ms, says('One'), ...BROKEN];

describe('the winner of a race that breaks off', () => {
  it.each<[string, Record<string, ScriptStep[][]>, string, number[]]>([
    [
      'the first one',
      { a: [breaking(300)], b: [[start, 'hang'], after(10, 'One two')] },
      'a:failed b:aborted b:succeeded',
      [0, 2],
    ],
    [
      'the second one',
      { a: [[start, 'hang'], after(10, 'One two')], b: [breaking(30)] },
      'a:aborted b:failed a:succeeded',
      [1, 2],
    ],
    [
      'and the rest is slow, which is hedged no more',
      { a: [[start, 'hang'], after(5_000, 'One two')], b: [breaking(30)] },
      'a:aborted b:failed a:succeeded',
      [1, 2],
    ],
    [
      'and the rest fails and breaks before it is whole',
      {
        a: [breaking(300), after(10, 'One two')],
        b: [
          [start, 'hang'],
          [start, says('One t'), ...BROKEN],
        ],
      },
      'a:failed b:aborted b:failed a:succeeded',
      [0, 2, 3],
    ],
  ])(
    'is continued, and the usage is that of the answer without the loser: %s',
    async (_name, scripts, route, counted) => {
      const world = await learnt(scripts, HEDGE, { models: MODELS });
      const sent = send(world, { stream: true });
      let picked: number[] = [];
      sent.call.books = {
        usageOf: (isCounted) => {
          picked = sent.call.attempts.flatMap((_attempt, index) => (isCounted(index) ? [index] : []));
          return tokenUsage({ input: 1 });
        },
      };
      expect(await end(world, sent)).toEqual({ text: 'One two', route });
      expect(picked).toEqual(counted);
      expectNothingLeft(world);
    },
  );

  it('asks for the money of each request of its own, and ends where there is none for the rest', async () => {
    const world = await learnt({ a: [breaking(300)], b: [[start, 'hang']] }, HEDGE, { models: MODELS });
    const sent = send(world, { stream: true });
    let asked = 0;
    sent.call.beforeRetry = () => {
      asked += 1;
      return asked === 1 ? Promise.resolve() : Promise.reject(new AppError('insufficient_quota', 'no'));
    };
    expect(await end(world, sent)).toEqual({ text: 'upstream_stream_interrupted', route: 'a:failed b:aborted' });
    expect(asked).toBe(2);
    expectNothingLeft(world);
  });
});

function expectNothingLeft(world: World): void {
  expect([world.clock.pendingTimers, world.budget.inFlight, world.budget.retries]).toEqual([0, 0, 0]);
}
