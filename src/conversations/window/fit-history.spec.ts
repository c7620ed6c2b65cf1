import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { countFitting, type Sized, toExchanges } from './fit-history.js';

function sized(role: string, turn: number, tokens = 10): Sized {
  return { role, turn, tokens };
}

describe('toExchanges', () => {
  it('begins an exchange with each question, and keeps what follows with it', () => {
    const given = [
      ...[sized('assistant', 1), sized('user', 2), sized('user', 3), sized('assistant', 3), sized('tool', 5)],
      ...[sized('user', 4), sized('assistant', 4), sized('user', Infinity)],
    ];
    const exchanges = toExchanges(given);
    expect(exchanges.map(({ messages }) => messages.map(({ role }) => role).join())).toEqual([
      ...['assistant', 'user,user,assistant,tool', 'user,assistant', 'user'],
    ]);
    expect(exchanges.map(({ lastTurn, isCurrent }) => [lastTurn, isCurrent])).toEqual([
      ...[
        [1, false],
        [5, false],
        [4, false],
        [0, true],
      ],
    ]);
  });

  it('takes results that come now together with the call that they answer', () => {
    const exchanges = toExchanges([sized('user', 1), sized('assistant', 1), sized('tool', Infinity)]);
    expect(exchanges).toHaveLength(1);
    expect(countFitting(exchanges, 0)).toBe(1);
  });

  it('never splits what belongs together, and fills the room from the newest backwards', () => {
    const role = fc.constantFrom('user', 'assistant', 'tool');
    const message = fc.record({ role, tokens: fc.integer({ min: 0, max: 50 }) });
    fc.assert(
      fc.property(fc.array(message, { maxLength: 30 }), fc.integer({ min: 0, max: 600 }), (before, room) => {
        const all = [...before.map((each, index) => ({ ...each, turn: index + 1 })), sized('user', Infinity)];
        const exchanges = toExchanges(all);
        expect(exchanges.flatMap(({ messages }) => messages)).toEqual(all);
        const kept = countFitting(exchanges, room);
        expect(kept).toBeGreaterThanOrEqual(1);
        const tokens = (count: number): number =>
          exchanges.slice(exchanges.length - count).reduce((sum, each) => sum + each.tokens, 0);
        if (kept > 1) expect(tokens(kept)).toBeLessThanOrEqual(room);
        if (kept < exchanges.length) expect(tokens(kept + 1)).toBeGreaterThan(room);
        for (const exchange of exchanges.slice(exchanges.length - kept, -1)) {
          expect(['user', all[0]?.role]).toContain(exchange.messages[0]?.role);
        }
      }),
    );
  });
});
