import { describe, expect, it } from '@jest/globals';
import { CallContext } from '../../core/call-context.js';
import { AppError, InvalidRequestError } from '../../core/errors/app-error.js';
import { renderCancelled, renderSocketError, toSocketFrame } from './render-socket-frame.js';

const call = (): CallContext => new CallContext({ id: 'req_1', surface: 'native', receivedAt: 0 });

describe('toSocketFrame', () => {
  it.each<[object, object]>([
    [
      { type: 'delta', content: 'a "b"' },
      { id: 'm"1', type: 'delta', content: 'a "b"' },
    ],
    [
      { type: 'tool_call', id: 'call_1', index: 0, name: 'look', arguments_delta: '' },
      { id: 'm"1', call_id: 'call_1', type: 'tool_call', index: 0, name: 'look', arguments_delta: '' },
    ],
    [
      { type: 'tool_result', name: 'look', content: '"id"' },
      { id: 'm"1', type: 'tool_result', name: 'look', content: '"id"' },
    ],
  ])('puts the id of the message on %j', (frame, expected) => {
    const text = toSocketFrame(JSON.stringify(frame), 'm"1') ?? '';
    expect(JSON.parse(text)).toEqual(expected);
    expect(text.match(/"id":/g)?.length).toBe(1);
  });

  it('has no frame for the end of the stream', () => {
    expect(toSocketFrame('[DONE]', 'a')).toBeNull();
  });
});

describe('the frames that end a message', () => {
  it('tell what HTTP tells in status and headers', () => {
    const error = new AppError('rate_limit_exceeded', 'Wait.', { retryAfterMs: 1_200.5 });
    expect(JSON.parse(renderSocketError(error, 'a', call()))).toEqual({
      id: 'a',
      type: 'error',
      request_id: 'req_1',
      status: 429,
      retry_after_ms: 1_201,
      error: { message: 'Wait.', type: 'rate_limit_exceeded', param: null, code: 'rate_limit_exceeded' },
    });
    const spent = new AppError('insufficient_quota', 'Spent.', { shouldRetry: false });
    expect(JSON.parse(renderSocketError(spent, 'a', call()))).toMatchObject({ status: 429, should_retry: false });
  });

  it('name the wrong parameter', () => {
    const error = new InvalidRequestError('invalid_type', 'No.', { param: 'model' });
    expect(JSON.parse(renderSocketError(error, null, call()))).toMatchObject({
      id: null,
      error: { param: 'model', details: [{ path: 'model', message: 'No.' }] },
    });
  });

  it('tell what a cancelled message cost', () => {
    const cancelled = call();
    expect(JSON.parse(renderCancelled('a', cancelled))).toMatchObject({ type: 'cancelled', cost_usd: null });
    cancelled.costUsd = '0.0000120000';
    expect(JSON.parse(renderCancelled('a', cancelled))).toMatchObject({ id: 'a', cost_usd: 0.000012 });
  });
});
