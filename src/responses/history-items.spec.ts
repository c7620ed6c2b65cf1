import { describe, expect, it } from '@jest/globals';
import type { ChatMessage } from '../core/chat/chat-request.js';
import { parseResponsesRequest } from '../dialects/openai-responses/parse-responses-request.js';
import { toHistoryItems } from './history-items.js';

describe('toHistoryItems', () => {
  it('says in items what the messages say', () => {
    const messages: ChatMessage[] = [
      { role: 'system', content: [{ type: 'text', text: 'Be brief.' }] },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'What is it?' },
          { type: 'image', source: { kind: 'url', url: 'https://example.com/a.png' }, detail: 'low' },
          {
            type: 'file',
            source: { kind: 'base64', mediaType: 'application/pdf', data: 'JVBERg==' },
            filename: 'a.pdf',
          },
        ],
      },
      {
        role: 'assistant',
        content: [
          { type: 'reasoning', text: 'Hm.', signature: 'sealed', signedBy: 'openai' },
          { type: 'text', text: 'Let me see.' },
          { type: 'tool-call', id: 'call_1', name: 'look', arguments: '{"x":1}' },
        ],
      },
      { role: 'tool', toolCallId: 'call_1', content: [{ type: 'text', text: 'A bird.' }] },
      { role: 'assistant', content: [{ type: 'refusal', text: 'No.' }] },
    ];
    const { chat } = parseResponsesRequest({ model: 'm', input: toHistoryItems(messages) });
    expect(chat.messages).toEqual(messages);
  });

  it('leaves out thoughts that OpenAI could not read', () => {
    const content = [
      { type: 'reasoning', text: 'Hm.' },
      { type: 'reasoning', text: 'Hm.', signature: 'sig', signedBy: 'anthropic' },
    ] as const;
    expect(toHistoryItems([{ role: 'assistant', content: [...content] }])).toEqual([]);
  });
});
