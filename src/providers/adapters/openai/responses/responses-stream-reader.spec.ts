import { describe, expect, it } from '@jest/globals';
import type { ChatEvent } from '../../../../core/chat/chat-event.js';
import type { JsonObject } from '../../../../core/json.js';
import { ProviderError } from '../../../provider-error.js';
import { readResponse } from './read-response.js';
import { ResponsesStreamReader } from './responses-stream-reader.js';

const HEAD = { id: 'resp_1', object: 'response', created_at: 5, model: 'm', output: [] };
const CREATED = { type: 'response.created', response: { ...HEAD, status: 'in_progress' } };
const USAGE = {
  ...{ input_tokens: 3, input_tokens_details: { cached_tokens: 1, cache_write_tokens: 0 } },
  ...{ output_tokens: 4, output_tokens_details: { reasoning_tokens: 2 }, total_tokens: 7 },
};

function completed(rest: JsonObject = {}): JsonObject {
  return { type: 'response.completed', response: { ...HEAD, status: 'completed', usage: USAGE, ...rest } };
}

function textDelta(delta: string, index = 0): JsonObject {
  return { type: 'response.output_text.delta', output_index: index, content_index: 0, delta };
}

interface Read {
  events: ChatEvent[];
  error: unknown;
  skipped: number;
  absurd: number;
}

function read(...chunks: (JsonObject | string)[]): Read {
  const seen: Read = { events: [], error: null, skipped: 0, absurd: 0 };
  const reader = new ResponsesStreamReader({
    apiKey: 'sk-secret',
    skipped: () => (seen.skipped += 1),
    implausibleUsage: () => (seen.absurd += 1),
  });
  try {
    for (const chunk of chunks) {
      if (reader.isDone) break;
      const data = typeof chunk === 'string' ? chunk : JSON.stringify(chunk);
      seen.events.push(...reader.read({ event: '', data }));
    }
    seen.events.push(...reader.end());
  } catch (error) {
    seen.error = error instanceof ProviderError ? error.kind : error;
  }
  return seen;
}

const types = ({ events }: Read): string[] => events.map(({ type }) => type);

describe(ResponsesStreamReader, () => {
  it('keeps the object of every event, unknown ones too, with its text', () => {
    const unknown = { type: 'response.new_thing', anything: { a: 1 } };
    const { events } = read(CREATED, unknown, textDelta('Hi'), completed());
    expect(events.map(({ wire }) => wire?.value)).toEqual([
      CREATED,
      unknown,
      textDelta('Hi'),
      completed(),
      completed(),
    ]);
    expect(events[1]).toMatchObject({ type: 'passthrough', wire: { text: JSON.stringify(unknown) } });
    expect(events[3]?.wire).toBe(events[4]?.wire);
  });

  it('F34: reads nothing behind the end', () => {
    const { events } = read(CREATED, textDelta('Hi'), completed(), textDelta('more'), completed());
    expect(events.filter(({ type }) => type === 'text-delta' || type === 'usage')).toHaveLength(2);
  });

  it('F26: does not take an end of the connection for the end of the answer, nor a mark that is not its own', () => {
    expect(read(CREATED, textDelta('Hi'))).toMatchObject({ error: 'interrupted' });
    expect(read(CREATED, textDelta('Hi'), '[DONE]')).toMatchObject({ error: 'interrupted' });
    expect(read()).toMatchObject({ error: 'malformed' });
  });

  it('F28: skips three events that are no JSON, and gives up at the fourth', () => {
    const broken = Array.from({ length: 3 }, () => '{"broken": ');
    expect(read(CREATED, ...broken, textDelta('Hi'), completed())).toMatchObject({ error: null, skipped: 3 });
    expect(read(CREATED, ...broken, '[]', completed())).toMatchObject({ error: 'malformed', skipped: 4 });
  });

  it.each<[string, JsonObject | null, number]>([
    ['is missing', null, 0],
    ['is negative', { ...USAGE, input_tokens: -1 }, 1],
    ['has a part larger than the whole', { ...USAGE, output_tokens: 1 }, 1],
    ['is text', { ...USAGE, output_tokens: '4' }, 1],
  ])('F31, F32: a usage that %s is not read, and not relayed', (_name, usage, absurd) => {
    const seen = read(CREATED, textDelta('Hi'), completed({ usage }));
    expect(types(seen)).toEqual(['response-start', 'text-delta', 'finish']);
    expect(seen.absurd).toBe(absurd);
    expect((seen.events.at(-1)?.wire?.value as { response: JsonObject }).response).not.toHaveProperty('usage');
  });

  it('completes a usage without its details', () => {
    const seen = read(CREATED, textDelta('Hi'), completed({ usage: { input_tokens: 3, output_tokens: 4 } }));
    const { response } = seen.events.at(-1)?.wire?.value as { response: JsonObject };
    expect(response.usage).toEqual({
      ...{ input_tokens: 3, input_tokens_details: { cached_tokens: 0, cache_write_tokens: 0 } },
      ...{ output_tokens: 4, output_tokens_details: { reasoning_tokens: 0 }, total_tokens: 7 },
    });
  });

  it('F33: an item that begins twice is one', () => {
    const item = { id: 'fc_1', type: 'function_call', call_id: 'c', name: 'f', arguments: '' };
    const added = { type: 'response.output_item.added', output_index: 0, item };
    const done = { type: 'response.output_item.done', output_index: 0, item: { ...item, arguments: '{}' } };
    const seen = read(CREATED, added, added, done, done, completed({ output: [{ ...item, arguments: '{}' }] }));
    expect(seen.events.filter(({ type }) => type.startsWith('tool-call'))).toMatchObject([
      { type: 'tool-call-start', id: 'c' },
      { type: 'tool-call-delta', argumentsDelta: '{}' },
    ]);
  });

  it('F37: gives a call without an id one, the same wherever it stands', () => {
    const item = { type: 'function_call', name: 'f', arguments: '{' };
    const seen = read(
      CREATED,
      { type: 'response.output_item.added', output_index: 0, item },
      { type: 'response.output_item.done', output_index: 0, item },
      completed({ output: [item] }),
    );
    const ids = seen.events.flatMap(({ wire }) => {
      const value = wire?.value as { item?: JsonObject; response?: { output: JsonObject[] } };
      return [value.item, ...(value.response?.output ?? [])].filter((each) => each !== undefined);
    });
    const start = seen.events.find((event) => event.type === 'tool-call-start');
    expect(start?.id).toMatch(/^call_/);
    expect(new Set(ids.map((each) => each.call_id))).toEqual(new Set([start?.id]));
  });

  const textOf = (seen: Read): string =>
    seen.events.map((event) => (event.type === 'text-delta' ? event.text : '')).join('');
  const message = (text: string, id?: string): JsonObject => ({
    ...{ type: 'message', role: 'assistant', content: [{ type: 'output_text', text }] },
    ...(id !== undefined && { id }),
  });
  const begun = (index: number, id?: string): JsonObject => ({
    ...{ type: 'response.output_item.added', output_index: index, item: { ...message('', id), content: [] } },
  });

  it.each<[string, JsonObject[], JsonObject[]]>([
    ['has gaps', [begun(2), textDelta('a', 2), begun(5), textDelta('b', 5)], [message('a'), message('b')]],
    ['begins at one', [begun(1), textDelta('a', 1), begun(2), textDelta('b', 2)], [message('a'), message('b')]],
    [
      'has no numbers',
      [
        { ...begun(0, 'm1'), output_index: null },
        { ...textDelta('a'), output_index: null, item_id: 'm1' },
      ].concat([
        { ...begun(0, 'm2'), output_index: null },
        { ...textDelta('b'), output_index: null, item_id: 'm2' },
      ]),
      [message('a', 'm1'), message('b', 'm2')],
    ],
    [
      'left one out before another',
      [begun(0, 'm2'), textDelta('a', 0)],
      [{ type: 'reasoning', id: 'r', summary: [] }, message('a', 'm2'), message('b', 'm3')],
    ],
    ['names an item anew each time', [begun(0, 'x'), textDelta('a', 0)], [message('a', 'y'), message('b', 'z')]],
  ])('tells what is repeated at the end once where the stream %s', (_name, chunks, output) => {
    expect(textOf(read(CREATED, ...chunks, completed({ output })))).toBe('ab');
  });

  it('tells of a custom call that nobody ends what is JSON', () => {
    const item = { id: 'ctc_1', type: 'custom_tool_call', call_id: 'c', name: 'f', input: '' };
    const added = { type: 'response.output_item.added', output_index: 0, item };
    const delta = { type: 'response.custom_tool_call_input.delta', output_index: 0, delta: 'a "b"' };
    const { events } = read(CREATED, added, delta, completed());
    const told = events.map((event) => (event.type === 'tool-call-delta' ? event.argumentsDelta : '')).join('');
    expect(JSON.parse(told)).toEqual({ input: 'a "b"' });
  });

  it.each<[string, JsonObject, string]>([
    ['rate', { type: 'error', code: 'rate_limit_exceeded', message: 'x', param: null }, 'rate-limited'],
    ['an error within one', { type: 'error', error: { code: 'insufficient_quota' } }, 'quota-exhausted'],
    ['an image', { type: 'error', code: 'invalid_image_url', message: 'x', param: null }, 'invalid-request'],
    ['nothing known', { type: 'error', code: null, message: 'x', param: null }, 'server-error'],
    ['an error without a type', { error: { message: 'x' } }, 'server-error'],
    ['failed', { type: 'response.failed', response: { ...HEAD, error: { code: 'server_error' } } }, 'server-error'],
    ['flagged', { type: 'response.failed', response: { ...HEAD, error: { code: 'bio_policy' } } }, 'content-filter'],
    ['stopped', { type: 'response.cancelled', response: { ...HEAD, status: 'cancelled' } }, 'interrupted'],
  ])('F30: an error in the stream is one: %s', (_name, chunk, kind) => {
    expect(read(CREATED, textDelta('Hi'), chunk)).toMatchObject({ error: kind });
  });

  it('F36: an answer with nothing in it is none, unless it was cut off while it thought', () => {
    expect(read(CREATED, completed())).toMatchObject({ error: 'malformed' });
    const response = { ...HEAD, status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } };
    const cut = read(CREATED, { type: 'response.incomplete', response });
    expect(cut.events.at(-1)).toMatchObject({ type: 'finish', finishReason: 'length' });
  });
});

describe(readResponse, () => {
  const attempt = { apiKey: null, skipped: () => undefined, implausibleUsage: () => undefined };
  const kindOf = (reply: unknown): unknown => {
    try {
      return readResponse(reply, attempt);
    } catch (error) {
      return error instanceof ProviderError ? error.kind : error;
    }
  };

  it.each<[unknown, string]>([
    [null, 'malformed'],
    [{}, 'malformed'],
    [{ ...HEAD, status: 'completed' }, 'malformed'],
    [{ error: { message: 'x', code: 'rate_limit_exceeded' } }, 'rate-limited'],
    [{ ...HEAD, status: 'failed', error: { code: 'server_error', message: 'x' } }, 'server-error'],
    [{ ...HEAD, status: 'queued' }, 'interrupted'],
  ])('%j is %s', (reply, kind) => {
    expect(kindOf(reply)).toBe(kind);
  });

  it('arguments that are an object become text', () => {
    const item = { type: 'function_call', call_id: 'c', name: 'f', arguments: { a: 1 } };
    const events = readResponse({ ...HEAD, status: 'completed', output: [item] }, attempt);
    expect(events).toContainEqual(expect.objectContaining({ type: 'tool-call-delta', argumentsDelta: '{"a":1}' }));
  });
});
