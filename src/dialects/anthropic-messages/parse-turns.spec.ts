import { describe, expect, it } from '@jest/globals';
import type { ChatRequest } from '../../core/chat/chat-request.js';
import type { JsonObject } from '../../core/json.js';
import { parseMessagesRequest } from './parse-messages-request.js';

const USER = { role: 'user', content: 'Hi' };
const PIXEL = { type: 'base64', media_type: 'image/png', data: 'iVBORw==' };

function parse(rest: JsonObject): ChatRequest {
  return parseMessagesRequest({ model: 'm', max_tokens: 10, messages: [USER], ...rest });
}

function calls(...ids: string[]): JsonObject {
  return {
    role: 'assistant',
    content: ids.map((id) => ({ type: 'tool_use', id, name: 'weather', input: { city: id } })),
  };
}

function result(id: string, rest: JsonObject = {}): JsonObject {
  return { type: 'tool_result', tool_use_id: id, ...rest };
}

function text(words: string): JsonObject {
  return { type: 'text', text: words };
}

describe('the conversation', () => {
  function messages(...list: JsonObject[]): ChatRequest['messages'] {
    return parse({ messages: list }).messages;
  }

  it('takes turns in any order, and instructions within', () => {
    const parsed = messages({ role: 'assistant', content: 'Hello.' }, USER, USER, { role: 'system', content: 'Now.' });
    expect(parsed.map(({ role }) => role)).toEqual(['assistant', 'user', 'user', 'system']);
  });

  it('puts the results of tools right behind their calls', () => {
    const parsed = messages(
      USER,
      calls('a', 'b'),
      { role: 'system', content: 'Mind the wind.' },
      { role: 'user', content: [text('Here.'), result('a', { content: 'sun' })] },
      {
        role: 'user',
        content: [result('b', { is_error: true, content: [text('no'), { type: 'image', source: PIXEL }] })],
      },
    );
    expect(parsed.slice(1)).toEqual([
      { role: 'assistant', content: ['a', 'b'].map((id) => call(id)) },
      { role: 'tool', toolCallId: 'a', content: [text('sun')] },
      {
        role: 'tool',
        toolCallId: 'b',
        isError: true,
        content: [text('no'), { type: 'image', source: { kind: 'base64', mediaType: 'image/png', data: 'iVBORw==' } }],
      },
      { role: 'system', content: [text('Mind the wind.')] },
      { role: 'user', content: [text('Here.')] },
    ]);
  });

  it('makes one answer of neighbours', () => {
    const parsed = messages(USER, calls('a'), calls('b'), { role: 'user', content: [result('a'), result('b')] });
    expect(parsed.map(({ role }) => role)).toEqual(['user', 'assistant', 'tool', 'tool']);
  });

  it('lets a document in a result follow the results', () => {
    const source = { type: 'base64', media_type: 'application/pdf', data: 'JVBERi0=' };
    const parsed = messages(USER, calls('a'), {
      role: 'user',
      content: [result('a', { content: [{ type: 'document', source }] }), text('Well?')],
    });
    expect(parsed.slice(2)).toEqual([
      { role: 'tool', toolCallId: 'a', content: [text('')] },
      {
        role: 'user',
        content: [
          text('Documents in the result of a:'),
          { type: 'file', source: { kind: 'base64', mediaType: 'application/pdf', data: 'JVBERi0=' } },
        ],
      },
      { role: 'user', content: [text('Well?')] },
    ]);
  });

  it('leaves out files that only Anthropic has, and says so', () => {
    const source = { type: 'file', file_id: 'file_1' };
    const content = [text('See.'), { type: 'document', source }, { type: 'image', source }];
    const request = parse({ messages: [{ role: 'user', content }] });
    expect(request.messages).toEqual([{ role: 'user', content: [text('See.')] }]);
    expect(request.extraParameters).toEqual([
      'messages[].content (document by file id)',
      'messages[].content (image by file id)',
    ]);
  });

  it('knows whose thinking it is', () => {
    const [, answer] = messages(USER, {
      role: 'assistant',
      content: [
        { type: 'thinking', thinking: 'one', signature: 'sig' },
        { type: 'thinking', thinking: 'two', signature: 'trunkline.gemini.abc=' },
        { type: 'thinking', thinking: 'three', signature: '' },
        { type: 'redacted_thinking', data: 'secret' },
        text(''),
        text('So.'),
      ],
    });
    expect(answer?.content).toEqual([
      { type: 'reasoning', text: 'one', signature: 'sig', signedBy: 'anthropic' },
      { type: 'reasoning', text: 'two', signature: 'abc=', signedBy: 'gemini' },
      { type: 'reasoning', text: 'three' },
      { type: 'reasoning', text: '', redacted: 'secret', signedBy: 'anthropic' },
      text('So.'),
    ]);
  });

  it.each<[JsonObject, unknown]>([
    [
      { title: 'T', context: 'C', source: { type: 'text', media_type: 'text/plain', data: 'words' } },
      [text('<document>\nTitle: T\nContext: C\nwords\n</document>')],
    ],
    [
      { title: 'a.pdf', source: { type: 'url', url: 'https://example.com/a.pdf' } },
      [{ type: 'file', filename: 'a.pdf', source: { kind: 'id', fileId: 'https://example.com/a.pdf' } }],
    ],
    [
      { source: { type: 'content', content: [text('one'), { type: 'image', source: PIXEL }] } },
      [
        text('<document>\none'),
        { type: 'image', source: { kind: 'base64', mediaType: 'image/png', data: 'iVBORw==' } },
        text('</document>'),
      ],
    ],
  ])('reads the document %j', (document, parts) => {
    const [message] = messages({ role: 'user', content: [{ type: 'document', ...document }] });
    expect(message?.content).toEqual(parts);
  });

  function call(id: string): JsonObject {
    return { type: 'tool-call', id, name: 'weather', arguments: JSON.stringify({ city: id }) };
  }
});
