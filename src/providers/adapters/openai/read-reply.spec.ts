import { describe, expect, it } from '@jest/globals';
import type { JsonValue } from '../../../core/json.js';
import { readReply } from './read-reply.js';

const attempt = { apiKey: null, implausibleUsage: () => undefined };

function reply(message: JsonValue, finish: string | null = 'stop'): JsonValue {
  return { id: 'c1', model: 'm1', created: 7, choices: [{ index: 0, message, finish_reason: finish }] };
}

describe(readReply.name, () => {
  it.each<[string, unknown]>([
    ['null', null],
    ['no choices', {}],
    ['empty choices', { choices: [] }],
    ['a null message', reply(null)],
    ['a choice that is none', { choices: [7] }],
  ])('F36: %s is malformed', (_what, value) => {
    expect(() => readReply(value, attempt)).toThrow(expect.objectContaining({ kind: 'malformed' }));
  });

  it('throws what an error with status 200 says', () => {
    const failing = (): unknown => readReply({ error: { code: 'insufficient_quota' } }, attempt);
    expect(failing).toThrow(expect.objectContaining({ kind: 'quota-exhausted' }));
  });

  it('mends a missing id and then has no wire object to relay', () => {
    const events = readReply(
      reply({ tool_calls: [{ function: { name: 'f', arguments: '{}' } }] }, 'tool_calls'),
      attempt,
    );
    expect(events[1]).toMatchObject({ type: 'tool-call-start', id: expect.stringMatching(/^call_/) });
    expect(events.every((event) => event.wire === undefined)).toBe(true);
  });

  it('reads the older form of a call and relays it as it is', () => {
    const events = readReply(reply({ function_call: { name: 'f', arguments: '{}' } }, 'function_call'), attempt);
    expect(events.map((event) => event.type)).toEqual([
      'response-start',
      'tool-call-start',
      'tool-call-delta',
      'finish',
    ]);
    expect(events[0]?.wire).toBeDefined();
  });

  it('does not invent a reason for the end', () => {
    expect(readReply(reply({ content: 'Hi' }, null), attempt).at(-1)).toMatchObject({
      type: 'finish',
      finishReason: 'other',
    });
    expect(readReply(reply({ content: 'Hi' }, null), attempt, true).at(-1)).toMatchObject({ finishReason: 'stop' });
  });
});
