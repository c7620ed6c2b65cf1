import { describe, expect, it } from '@jest/globals';
import type { Principal } from '../../core/principal.js';
import { SystemClock } from '../../core/clock.js';
import type { LineCalls } from './line-calls.js';
import type { TakenLine } from './line-outcome.js';
import type { LineRunners } from './line-runners.service.js';
import { LineWorker } from './line-worker.js';

describe('a worker of lines', () => {
  it('begins no request when its job was ended while the key was looked up', async () => {
    const ended = new AbortController();
    let begun = 0;
    const calls = {
      principal: () => {
        ended.abort(new Error('The server is shutting down.'));
        return Promise.resolve({} as Principal);
      },
      open: () => {
        begun += 1;
        throw new Error('A request was begun.');
      },
    } as unknown as LineCalls;
    const worker = new LineWorker(calls, {} as LineRunners, new SystemClock(), ended.signal);
    const line = { ordinal: 1, url: '/v1/chat/completions', body: '{}' } as TakenLine;
    await expect(worker.answer(line)).rejects.toThrow('The server is shutting down.');
    expect(begun).toBe(0);
  });
});
