import { describe, expect, it } from '@jest/globals';
import type { ChatRequest } from '../../../core/chat/chat-request.js';
import type { JsonObject } from '../../../core/json.js';
import { parseChatRequest } from '../../../dialects/openai-chat/parse-chat-request.js';
import { buildMessagesBody } from './build-messages-body.js';
import { CacheMarks } from './cache-marks.js';

const MARK = { type: 'ephemeral' };
const HOUR = { type: 'ephemeral', ttl: '1h' };

function build(body: JsonObject, change: Partial<ChatRequest> = {}): { sent: JsonObject; warnings: string[] } {
  const warnings: string[] = [];
  const request = { ...parseChatRequest({ model: 'm', ...body }), ...change };
  const warn = (message: string): void => void warnings.push(message);
  const sent = buildMessagesBody('claude-sonnet-5', request, { maxOutputTokens: null, warn });
  return { sent: JSON.parse(JSON.stringify(sent)) as JsonObject, warnings };
}

function text(value: string, mark?: JsonObject): JsonObject {
  return { type: 'text', text: value, ...(mark && { cache_control: mark }) };
}

const tool = { name: 'f', parameters: { type: 'object' } };

describe(CacheMarks.name, () => {
  it('carries the marks of parts, messages and tools to the blocks they became', () => {
    const { sent, warnings } = build({
      messages: [
        { role: 'system', content: [text('Rules.', HOUR)] },
        { role: 'user', content: [text(' '), text('a', MARK), text('b')] },
        {
          role: 'assistant',
          content: 'c',
          tool_calls: [{ id: 'x', type: 'function', function: { name: 'f', arguments: '{}' } }],
        },
        { role: 'tool', tool_call_id: 'x', content: 'd', cache_control: MARK },
      ],
      tools: [{ type: 'function', function: tool, cache_control: HOUR }],
    });
    expect(sent.system).toEqual([text('Rules.', HOUR)]);
    expect(sent.messages).toMatchObject([
      { content: [text('a', MARK), text('b')] },
      { content: [text('c'), { type: 'tool_use' }] },
      { content: [{ type: 'tool_result', cache_control: MARK }] },
    ]);
    expect(sent.tools).toMatchObject([{ name: 'f', cache_control: HOUR }]);
    expect(warnings).toEqual([]);
  });

  it('carries the mark of the whole request without calling it unknown', () => {
    const { sent, warnings } = build({ messages: [{ role: 'user', content: 'a' }], cache_control: MARK });
    expect(sent.cache_control).toEqual(MARK);
    expect(warnings).toEqual([]);
  });

  it('keeps the last four, and says so', () => {
    const content = ['a', 'b', 'c', 'd', 'e'].map((value) => text(value, MARK));
    const { sent, warnings } = build({ messages: [{ role: 'user', content }] });
    expect(sent.messages).toEqual([{ role: 'user', content: [text('a'), ...content.slice(1)] }]);
    expect(warnings).toHaveLength(1);
  });

  it.each<[string, JsonObject]>([
    ['of another type', { cache_control: { type: 'eternal' } }],
    ['that is no object', { cache_control: true }],
  ])('does not carry a mark %s', (_what, mark) => {
    const { sent } = build({ messages: [{ role: 'user', content: [{ ...text('a'), ...mark }] }] });
    expect(sent.messages).toEqual([{ role: 'user', content: [text('a')] }]);
  });

  it('carries none once the messages are others than the client sent', () => {
    const messages: ChatRequest['messages'] = [
      { role: 'system', content: [{ type: 'text', text: 'New.' }] },
      { role: 'user', content: [{ type: 'text', text: 'a' }] },
    ];
    const { sent } = build({ messages: [{ role: 'user', content: [text('a', MARK)] }] }, { messages });
    expect(JSON.stringify(sent)).not.toContain('cache_control');
  });
});
