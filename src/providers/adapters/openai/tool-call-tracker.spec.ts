import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '../../../core/json.js';
import { ToolCallTracker } from './tool-call-tracker.js';

function call(index: number | undefined, id: string | undefined, name: string | undefined, text = ''): JsonObject {
  return { index, id, ...(name !== undefined && { type: 'function' }), function: { name, arguments: text } };
}

/** Every call as `index:id:name:arguments`, with generated ids shown as `?`, and whether anything had to be mended. */
function follow(deltas: JsonObject[], isWhole = false): { calls: string[]; isRepaired: boolean } {
  const tracker = new ToolCallTracker(0);
  const calls = new Map<number, string>();
  let isRepaired = false;
  for (const delta of deltas) {
    const piece = tracker.read(delta, isWhole);
    isRepaired ||= piece.isRepaired;
    for (const event of piece.events) {
      if (event.type === 'tool-call-start') {
        const id = /^call_[0-9a-f]{24}$/.test(event.id) ? '?' : event.id;
        calls.set(event.index, `${String(event.index)}:${id}:${event.name}:`);
      } else if (event.type === 'tool-call-delta') {
        calls.set(event.index, (calls.get(event.index) ?? 'lost') + event.argumentsDelta);
      }
    }
  }
  return { calls: [...calls.values()], isRepaired };
}

describe(ToolCallTracker.name, () => {
  it.each<[string, JsonObject[], string[], boolean]>([
    [
      'one call in pieces',
      [call(0, 'a', 'f'), call(0, undefined, undefined, '{"x"'), call(0, undefined, undefined, ':1}')],
      ['0:a:f:{"x":1}'],
      false,
    ],
    [
      'two interleaved',
      [call(0, 'a', 'f', '1'), call(1, 'b', 'g', '2'), call(0, undefined, undefined, '3')],
      ['0:a:f:13', '1:b:g:2'],
      false,
    ],
    ['a gap in the indices', [call(0, 'a', 'f'), call(3, 'b', 'g', '2')], ['0:a:f:', '3:b:g:2'], false],
    ['an id in every delta', [call(0, 'a', 'f', '1'), call(0, 'a', 'f', '2')], ['0:a:f:12'], false],
    ['no id', [call(0, undefined, 'f', '1')], ['0:?:f:1'], true],
    [
      'no index',
      [call(undefined, 'a', 'f', '1'), call(undefined, undefined, undefined, '2'), call(undefined, 'b', 'g', '3')],
      ['0:a:f:12', '1:b:g:3'],
      true,
    ],
    [
      'one index for two calls',
      [call(0, 'a', 'f', '1'), call(0, 'b', 'g', '2'), call(0, undefined, undefined, '3')],
      ['0:a:f:1', '1:b:g:23'],
      true,
    ],
    ['invalid JSON in the arguments', [call(0, 'a', 'f', '{"x')], ['0:a:f:{"x'], false],
    [
      'an object for the arguments',
      [{ index: 0, id: 'a', type: 'function', function: { name: 'f', arguments: { x: 1 } } }],
      ['0:a:f:{"x":1}'],
      true,
    ],
    ['no type', [{ index: 0, id: 'a', function: { name: 'f', arguments: '1' } }], ['0:a:f:1'], true],
    ['no arguments', [{ index: 0, id: 'a', type: 'function', function: { name: 'f' } }], ['0:a:f:'], true],
    [
      'ids in place of indices',
      [call(undefined, 'a', 'f', '1'), call(undefined, 'b', 'g', '2'), call(undefined, 'a', undefined, '3')],
      ['0:a:f:13', '1:b:g:2'],
      true,
    ],
    [
      'whole calls under one index and without ids',
      [call(0, '', 'f', '{}'), call(0, '', 'f', '{"x":1}'), call(0, '', 'g', '{}')],
      ['0:?:f:{}', '1:?:f:{"x":1}', '2:?:g:{}'],
      true,
    ],
    [
      'a name in every delta of a call without an id',
      [call(0, '', 'f', ''), call(0, '', 'f', '{"x"'), call(0, '', 'f', ':1}')],
      ['0:?:f:{"x":1}'],
      true,
    ],
    [
      'one id for two calls',
      [call(0, 'a', 'f', '1'), call(1, 'a', 'f', '2'), call(1, 'a', 'f', '3'), call(0, undefined, undefined, '4')],
      ['0:a:f:14', '1:?:f:23'],
      true,
    ],
    ['an index below zero', [call(-1, 'a', 'f', '1'), call(-1, undefined, undefined, '2')], ['0:a:f:12'], true],
    [
      'a tool that takes plain text',
      [{ index: 0, id: 'a', type: 'custom', custom: { name: 'f', input: 'x = 1' } }],
      ['0:a:f:x = 1'],
      false,
    ],
  ])('F37: follows %s', (_what, deltas, calls, isRepaired) => {
    expect(follow(deltas)).toEqual({ calls, isRepaired });
  });

  it('tells two calls of an unstreamed reply apart that have one id', () => {
    expect(follow([call(undefined, 'a', 'f', '1'), call(undefined, 'a', 'f', '2')], true)).toEqual({
      calls: ['0:a:f:1', '1:?:f:2'],
      isRepaired: true,
    });
  });

  it('expects no index in an unstreamed reply', () => {
    expect(follow([call(undefined, 'a', 'f', '1'), call(undefined, 'b', 'g', '2')], true)).toEqual({
      calls: ['0:a:f:1', '1:b:g:2'],
      isRepaired: false,
    });
  });
});
