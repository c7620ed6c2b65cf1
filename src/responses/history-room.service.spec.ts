import { describe, expect, it } from '@jest/globals';
import { CallContext } from '../core/call-context.js';
import { UNLIMITED } from '../core/principal.js';
import { HistoryRoom, MOST_TOLD_BYTES } from './history-room.service.js';

const PRINCIPAL = { keyId: 'key_1', projectId: 'proj_1', scopes: ['chat'], ...UNLIMITED } as const;

function newCall(): CallContext {
  return new CallContext({ id: 'req_1', surface: 'openai', receivedAt: 0, principal: PRINCIPAL });
}

describe(HistoryRoom.name, () => {
  it('has room for several of the longest at once, and for others when they are over', () => {
    const room = new HistoryRoom();
    const calls: CallContext[] = [];
    expect(() => {
      for (;;) {
        const call = newCall();
        room.take(MOST_TOLD_BYTES, call);
        calls.push(call);
      }
    }).toThrow(expect.objectContaining({ code: 'overloaded', retryAfterMs: 1_000 }));
    expect(calls).toHaveLength(10);
    calls[0]?.finish();
    room.take(MOST_TOLD_BYTES, newCall());
    expect(() => {
      room.take(MOST_TOLD_BYTES, newCall());
    }).toThrow();
  });
});
