import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { SystemClock } from './clock.js';

describe('SystemClock', () => {
  afterEach(() => {
    jest.useRealTimers();
  });

  it.each([Infinity, 2 ** 40])('does not fire at once what is scheduled for %d ms from now', (ms) => {
    jest.useFakeTimers();
    const callback = jest.fn();
    const set = jest.spyOn(globalThis, 'setTimeout');
    const cancel = new SystemClock().schedule(callback, ms);
    expect(set.mock.calls[0]?.[1]).toBe(2 ** 31 - 1);
    cancel();
    expect(jest.getTimerCount()).toBe(0);
  });
});
