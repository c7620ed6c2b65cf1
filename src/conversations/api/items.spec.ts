import { describe, expect, it } from '@jest/globals';
import type { TurnMessage } from '../turns/turn-message.js';
import type { StoredMessage } from '../store/message-store.js';
import { readItems } from './read-items.js';
import { messageIdOf, renderItems, withoutItem } from './render-items.js';
import { renderMessage } from './render-message.js';

const CODE = '0123456789ABCDEFGHJKMNPQ';

function stored(message: TurnMessage, more: Partial<StoredMessage> = {}): StoredMessage {
  return {
    ...{ id: `msg_${CODE}`, turn: 1, message, isAnswer: message.role === 'assistant', isLast: true },
    ...{ turnStatus: 'completed', finishReason: 'stop', requestId: 'req_1', model: 'm', provider: 'lab' },
    createdAt: new Date(0),
    ...more,
  };
}

const ANSWER: TurnMessage = {
  role: 'assistant',
  content: [
    { type: 'reasoning', text: 'Hm.' },
    { type: 'text', text: 'Let me ' },
    { type: 'tool-call', id: 'call_1', name: 'look', arguments: '{}' },
    { type: 'text', text: 'see.' },
  ],
};
const MESSAGES: TurnMessage[] = [
  {
    role: 'user',
    content: [
      { type: 'text', text: 'What is this?' },
      { type: 'image', source: { kind: 'url', url: 'https://example.com/a.png' }, detail: 'low' },
      { type: 'image', source: { kind: 'base64', mediaType: 'image/png', data: 'AAAA' }, detail: 'auto' },
      { type: 'file', source: { kind: 'id', fileId: 'file-1' }, filename: 'a.pdf' },
      { type: 'file', source: { kind: 'base64', mediaType: 'application/pdf', data: 'AAAA' } },
    ],
  },
  { role: 'tool', toolCallId: 'call_1', content: [{ type: 'text', text: 'Nothing.' }] },
];

describe('items', () => {
  it.each(MESSAGES)('come back as they went out: $role', (message) => {
    expect(readItems(renderItems(stored(message)))).toEqual([message]);
  });

  it('are the thoughts, the words and the calls of an answer, each with an id of its own', () => {
    const items = renderItems(stored(ANSWER));
    expect(items.map(({ id, type }) => [id, type])).toEqual([
      [`rs_${CODE}_0`, 'reasoning'],
      [`msg_${CODE}`, 'message'],
      [`fc_${CODE}_2`, 'function_call'],
    ]);
    for (const { id } of items) {
      expect(messageIdOf(id)).toBe(`msg_${CODE}`);
      const left = renderItems(stored({ role: 'assistant', content: withoutItem(ANSWER.content, id) }));
      expect(left.map(({ type }) => type)).toEqual(items.filter((item) => item.id !== id).map(({ type }) => type));
    }
    const [read] = readItems(items);
    expect(read?.content.map(({ type }) => type)).toEqual(['reasoning', 'text', 'text', 'tool-call']);
  });

  it.each([
    ['completed', 'completed', 'completed'],
    ['partial', 'partial', 'incomplete'],
    ['failed', 'failed', 'incomplete'],
    ['running', 'in_progress', 'in_progress'],
  ] as const)('of a turn that is %s', (turnStatus, ofMessage, ofItem) => {
    const message = stored(ANSWER, { turnStatus });
    expect(renderMessage(message).status).toBe(ofMessage);
    expect(renderItems(message)[0]?.status).toBe(ofItem);
  });

  it('marks only the end of an answer that broke off', () => {
    const more = { turnStatus: 'partial', isLast: false } as const;
    expect(renderMessage(stored(ANSWER, more))).toMatchObject({ status: 'completed', finish_reason: 'tool_calls' });
    const question: TurnMessage = { role: 'user', content: [{ type: 'text', text: 'x' }] };
    expect(renderMessage(stored(question, { turnStatus: 'partial' }))).toMatchObject({
      ...{ status: 'completed', finish_reason: null, content: 'x' },
    });
  });
});
