import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { ChatMessage } from '../../core/chat/chat-request.js';
import { checkToolSequence } from '../../dialects/openai-chat/check-tool-sequence.js';
import { NO_RESULT_TEXT, settleToolCalls } from './settle-tool-calls.js';

function user(text: string): ChatMessage {
  return { role: 'user', content: [{ type: 'text', text }] };
}

function calls(...ids: string[]): ChatMessage {
  return { role: 'assistant', content: ids.map((id) => ({ type: 'tool-call', id, name: 'look', arguments: '{}' })) };
}

function result(toolCallId: string, text = `of ${toolCallId}`): ChatMessage {
  return { role: 'tool', toolCallId, content: [{ type: 'text', text }] };
}

function settle(messages: readonly ChatMessage[]): ChatMessage[] {
  return settleToolCalls(
    messages.map((message, index) => ({ source: index, message })),
    (source, message) => ({ source, message }),
  ).map(({ message }) => message);
}

describe('settleToolCalls', () => {
  it('brings each result to its call, in the order of the calls', () => {
    const given = [user('1'), calls('a', 'b'), user('2'), result('b'), user('3'), result('a')];
    expect(settle(given)).toEqual([user('1'), calls('a', 'b'), result('a'), result('b'), user('2'), user('3')]);
  });

  it('says that there is no result, and leaves out what answers nothing', () => {
    const [, notice] = settle([calls('a'), result('z'), user('1')]);
    expect(notice).toMatchObject({ role: 'tool', toolCallId: 'a', isError: true, content: [{ text: NO_RESULT_TEXT }] });
    expect(settle([calls('a'), result('z'), user('1')])).toHaveLength(3);
  });

  it('tells apart calls for which a server used the same id again', () => {
    const given = [calls('call_0'), result('call_0', 'one'), user('1'), calls('call_0'), result('call_0', 'two')];
    expect(settle(given)).toEqual(given);
  });

  it('gives a sequence that every provider takes, whatever was stored', () => {
    const id = fc.constantFrom('a', 'b', 'c');
    const message = fc.oneof(
      fc.constant(user('x')),
      fc.uniqueArray(id, { minLength: 1, maxLength: 3 }).map((ids) => calls(...ids)),
      id.map((each) => result(each)),
    );
    fc.assert(
      fc.property(fc.array(message, { maxLength: 20 }), (messages) => {
        const settled = settle(messages);
        checkToolSequence(settled, 'messages');
        expect(settled.filter(({ role }) => role !== 'tool')).toEqual(messages.filter(({ role }) => role !== 'tool'));
        expect(settle(settled)).toEqual(settled);
      }),
    );
  });
});
