import { describe, expect, it, jest } from '@jest/globals';
import { Cancellation, toAbortSignal } from './cancellation.js';

describe(Cancellation.name, () => {
  it('calls its listeners once, in order, with the reason to be read', () => {
    const cancellation = new Cancellation();
    const calls: string[] = [];
    cancellation.addEventListener('abort', () => calls.push(`first ${String(cancellation.reason)}`));
    cancellation.addEventListener('abort', () => calls.push('second'));
    cancellation.abort('enough');
    cancellation.abort('again');
    expect(calls).toEqual(['first enough', 'second']);
    expect([cancellation.aborted, cancellation.reason, cancellation.listenerCount]).toEqual([true, 'enough', 0]);
  });

  it('calls the others when one throws', () => {
    const cancellation = new Cancellation();
    const listener = jest.fn();
    cancellation.addEventListener('abort', () => {
      throw new Error('a fault');
    });
    cancellation.addEventListener('abort', listener);
    expect(() => {
      cancellation.abort();
    }).toThrow('a fault');
    expect(listener).toHaveBeenCalledTimes(1);
  });

  it('calls nobody who left, nor who came too late', () => {
    const cancellation = new Cancellation();
    const listener = jest.fn();
    cancellation.addEventListener('abort', listener);
    cancellation.removeEventListener('abort', listener);
    cancellation.abort();
    cancellation.addEventListener('abort', listener);
    expect(listener).not.toHaveBeenCalled();
  });
});

describe('toAbortSignal', () => {
  it('fires with the same reason, also when that came first', () => {
    const cancellation = new Cancellation();
    const signal = toAbortSignal(cancellation);
    expect(signal.aborted).toBe(false);
    cancellation.abort('enough');
    expect([signal.aborted, signal.reason, toAbortSignal(cancellation).reason]).toEqual([true, 'enough', 'enough']);
  });

  it('leaves a signal as it is', () => {
    const { signal } = new AbortController();
    expect(toAbortSignal(signal)).toBe(signal);
  });
});
