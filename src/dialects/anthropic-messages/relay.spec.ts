import { describe, expect, it } from '@jest/globals';
import { foldMessage, streamMessage, wholeMessage } from '../../../test/support/message-events.js';
import type { ChatEvent } from '../../core/chat/chat-event.js';
import { tokenUsage } from '../../core/chat/token-usage.js';
import type { JsonObject } from '../../core/json.js';

const START: ChatEvent = { type: 'response-start', id: 'chatcmpl-1', model: 'gpt' };
const USAGE: ChatEvent = { type: 'usage', usage: tokenUsage({ input: 5, cachedInput: 2, output: 3, reasoning: 4 }) };
const choice = 0;

function finish(finishReason: 'stop' | 'length' | 'tool-calls' | 'content-filter' = 'stop'): ChatEvent {
  return { type: 'finish', choice, finishReason };
}

function text(words: string): ChatEvent {
  return { type: 'text-delta', choice, text: words };
}

function start(index: number): ChatEvent {
  return { type: 'tool-call-start', choice, index, id: `call_${String(index)}`, name: `f${String(index)}` };
}

function grow(index: number, argumentsDelta: string): ChatEvent {
  return { type: 'tool-call-delta', choice, index, argumentsDelta };
}

function relayed(value: JsonObject, ...events: ChatEvent[]): ChatEvent[] {
  const wire = { dialect: 'anthropic-messages' as const, value, text: JSON.stringify(value) };
  return events.map((event) => ({ ...event, wire }));
}

describe('what Anthropic answers', () => {
  const MESSAGE_START = { type: 'message_start', message: { id: 'msg_1', usage: { input_tokens: 9 } }, extra: 1 };
  const BLOCK_START = { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } };
  const DELTA = { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Hi' } };
  const BLOCK_STOP = { type: 'content_block_stop', index: 0 };
  const SEARCH = {
    type: 'content_block_start',
    index: 1,
    content_block: { type: 'web_search_tool_result', tool_use_id: 's', content: [] },
  };
  const MESSAGE_DELTA = {
    type: 'message_delta',
    delta: { stop_reason: 'pause_turn' },
    usage: { output_tokens: 3 },
    new: 1,
  };
  const OPENING = [
    ...relayed(MESSAGE_START, START, { type: 'usage', usage: tokenUsage({ input: 9, estimated: true }) }),
    ...relayed({ type: 'ping' }, { type: 'passthrough' }),
    ...relayed(BLOCK_START, { type: 'passthrough' }),
    ...relayed(DELTA, text('Hi')),
  ];
  const CLOSING = [
    ...relayed(MESSAGE_DELTA, { ...finish(), rawFinishReason: 'pause_turn' } as ChatEvent),
    ...relayed({ type: 'message_stop' }, USAGE),
  ];

  it('comes as it came', async () => {
    const events = [
      ...OPENING,
      ...relayed(BLOCK_STOP, { type: 'passthrough' }),
      ...relayed(SEARCH, { type: 'passthrough' }),
      ...relayed({ ...BLOCK_STOP, index: 1 }, { type: 'passthrough' }),
      ...CLOSING,
    ];
    expect(await streamMessage(...events)).toEqual([
      MESSAGE_START,
      { type: 'ping' },
      BLOCK_START,
      DELTA,
      BLOCK_STOP,
      SEARCH,
      { ...BLOCK_STOP, index: 1 },
      MESSAGE_DELTA,
      { type: 'message_stop' },
    ]);
  });

  it('says our usage where it said none that can be meant', async () => {
    const counted: ChatEvent = { type: 'usage', usage: tokenUsage({ input: 1, output: 2, estimated: true }) };
    const frames = await streamMessage(
      ...OPENING,
      ...relayed(BLOCK_STOP, { type: 'passthrough' }),
      ...CLOSING,
      counted,
    );
    expect(frames.at(-2)).toMatchObject({ delta: { stop_reason: 'pause_turn' }, usage: { output_tokens: 2 }, new: 1 });
    const value = { type: 'message', content: [], usage: { output_tokens: -1 } };
    const message = wholeMessage(...relayed(value, START, text('Hi'), finish()), counted);
    expect(message).toMatchObject({ type: 'message', usage: { input_tokens: 1, output_tokens: 2 } });
  });

  it('goes on in the open block when another attempt writes the rest', async () => {
    const frames = await streamMessage(...OPENING, text(' there'), finish(), USAGE);
    expect(foldMessage(frames)).toMatchObject({ content: [{ text: 'Hi there' }], stop_reason: 'end_turn' });
  });

  it('numbers blocks anew behind others, and drops what belongs to none', async () => {
    const events = [
      ...OPENING,
      start(0),
      grow(0, '{}'),
      ...relayed(BLOCK_STOP, { type: 'passthrough' }),
      ...relayed(SEARCH, { type: 'passthrough' }),
      ...relayed({ ...BLOCK_STOP, index: 1 }, { type: 'passthrough' }),
      ...CLOSING,
    ];
    const { content } = foldMessage(await streamMessage(...events));
    expect((content as JsonObject[]).map(({ type }) => type)).toEqual(['text', 'tool_use', 'web_search_tool_result']);
  });

  it('is relayed whole', () => {
    const value = {
      type: 'message',
      id: 'msg_1',
      content: [{ type: 'new_block' }],
      usage: { output_tokens: 1 },
      extra: 1,
    };
    expect(wholeMessage(...relayed(value, START, text('Hi'), finish(), USAGE))).toBe(value);
  });
});
