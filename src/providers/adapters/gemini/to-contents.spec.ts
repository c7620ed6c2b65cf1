import { describe, expect, it } from '@jest/globals';
import type { AssistantPart, ChatMessage, UserPart } from '../../../core/chat/chat-request.js';
import { type ContentOptions, toContents } from './to-contents.js';

const OLD: ContentOptions = {
  wantsSignatures: false,
  takesMediaInResults: false,
  takesPrefill: true,
  hasCallIds: true,
};
const NEW: ContentOptions = { wantsSignatures: true, takesMediaInResults: true, takesPrefill: true, hasCallIds: true };

function translate(
  messages: ChatMessage[],
  options = OLD,
): { contents: unknown[]; system: unknown[]; warnings: string[] } {
  const warnings: string[] = [];
  return { ...toContents(messages, options, (message) => warnings.push(message)), warnings };
}

function user(...content: (string | UserPart)[]): ChatMessage {
  return {
    role: 'user',
    content: content.map((part) => (typeof part === 'string' ? { type: 'text', text: part } : part)),
  };
}

function assistant(...content: (string | AssistantPart)[]): ChatMessage {
  const parts = content.map((part) => (typeof part === 'string' ? { type: 'text' as const, text: part } : part));
  return { role: 'assistant', content: parts };
}

function call(
  id: string,
  name: string,
  rest: Partial<Extract<AssistantPart, { type: 'tool-call' }>> = {},
): AssistantPart {
  return { type: 'tool-call', id, name, arguments: '{"a":1}', ...rest };
}

function result(toolCallId: string, text: string, isError?: boolean): ChatMessage {
  return { role: 'tool', toolCallId, content: [{ type: 'text', text }], isError };
}

const IMAGE = { type: 'image', source: { kind: 'base64', mediaType: 'image/png', data: 'aGk=' } } as const;
const INLINE_IMAGE = { inlineData: { mimeType: 'image/png', data: 'aGk=' } };

describe(toContents.name, () => {
  it('keeps system texts apart, merges neighbours and drops what is empty', () => {
    const system = (text: string): ChatMessage => ({ role: 'system', content: [{ type: 'text', text }] });
    const messages = [system('Be brief.'), user('a', ''), system('Be kind.'), user('b'), assistant(''), user('c')];
    expect(translate([...messages, assistant('d'), assistant('e')])).toEqual({
      system: [{ text: 'Be brief.' }, { text: 'Be kind.' }],
      contents: [
        { role: 'user', parts: [{ text: 'a' }, { text: 'b' }, { text: 'c' }] },
        { role: 'model', parts: [{ text: 'd' }, { text: 'e' }] },
      ],
      warnings: [],
    });
  });

  it('ends with the user where the model does not go on with an answer, but for a call without its result', () => {
    const begun = [user('Count.'), assistant('One, two,')];
    expect(translate(begun).contents).toHaveLength(2);
    const { contents, warnings } = translate(begun, { ...NEW, takesPrefill: false });
    expect(contents.slice(1)).toEqual([
      { role: 'model', parts: [{ text: 'One, two,' }] },
      { role: 'user', parts: [{ text: expect.stringMatching(/go on/i) }] },
    ]);
    expect(warnings).toEqual([expect.stringContaining('no beginning of its answer')]);
    const waiting = translate([user('Go'), assistant(call('1', 'f'))], { ...NEW, takesPrefill: false });
    expect([waiting.contents.length, waiting.warnings]).toEqual([2, []]);
  });

  it('begins with the user', () => {
    const { contents, warnings } = translate([assistant('Hello.'), user('Hi')]);
    expect(contents.map((turn) => (turn as { role: string }).role)).toEqual(['user', 'model', 'user']);
    expect(warnings).toHaveLength(1);
    expect(translate([{ role: 'system', content: [{ type: 'text', text: 'Greet.' }] }])).toMatchObject({
      system: [],
      contents: [{ role: 'user', parts: [{ text: 'Greet.' }] }],
      warnings: [expect.stringContaining('system')],
    });
  });

  it('answers parallel calls under their names in one turn, results first', () => {
    const messages = [
      user('Go'),
      assistant(call('1', 'f'), call('2', 'g')),
      result('2', 'no', true),
      result('1', 'yes'),
    ];
    expect(translate([...messages, user('And?')]).contents.slice(1)).toEqual([
      {
        role: 'model',
        parts: [
          { functionCall: { id: '1', name: 'f', args: { a: 1 } } },
          { functionCall: { id: '2', name: 'g', args: { a: 1 } } },
        ],
      },
      {
        role: 'user',
        parts: [
          { functionResponse: { id: '2', name: 'g', response: { error: 'no' } } },
          { functionResponse: { id: '1', name: 'f', response: { output: 'yes' } } },
          { text: 'And?' },
        ],
      },
    ]);
  });

  it('leaves ids out where they are refused', () => {
    const messages = [user('Go'), assistant(call('1', 'f')), result('1', 'yes')];
    expect(JSON.stringify(translate(messages, { ...OLD, hasCallIds: false }).contents)).not.toContain('"id"');
  });

  it.each([
    ['', {}, 0],
    ['[1]', { arguments: '[1]' }, 1],
    ['{"a":', { arguments: '{"a":' }, 1],
  ])('F37: sends the arguments %j of an earlier call as %j', (text, args, warnings) => {
    const translated = translate([user('Go'), assistant(call('1', 'f', { arguments: text }))]);
    expect(translated.contents[1]).toMatchObject({ parts: [{ functionCall: { args } }] });
    expect(translated.warnings).toHaveLength(warnings);
  });

  it("gives Gemini's signatures back, and no other's", () => {
    const messages = [
      user('Go'),
      assistant(
        { type: 'reasoning', text: 'Hm.', signature: 's1', signedBy: 'gemini' },
        { type: 'reasoning', text: '', signature: 's2', signedBy: 'gemini' },
        { type: 'reasoning', text: 'Foreign.', signature: 's3', signedBy: 'anthropic' },
        { type: 'reasoning', text: '', redacted: 'x' },
        call('1', 'f', { signature: 's4', signedBy: 'gemini' }),
        call('2', 'f', { signature: 's5', signedBy: 'anthropic' }),
      ),
    ];
    expect(translate(messages)).toMatchObject({
      contents: [
        {},
        {
          parts: [
            { text: 'Hm.', thought: true, thoughtSignature: 's1' },
            { text: '', thoughtSignature: 's2' },
            { functionCall: { id: '1' }, thoughtSignature: 's4' },
            { functionCall: { id: '2' } },
          ],
        },
      ],
      warnings: [],
    });
    expect(JSON.stringify(translate(messages))).not.toMatch(/s3|s5|Foreign/);
    expect(translate([user('Go'), assistant({ type: 'reasoning', text: 'Bare.' }, 'Yes')]).warnings).toHaveLength(1);
  });

  it('stands in for a signature that was lost, on the first of parallel calls, where it is wanted', () => {
    const messages = [user('Go'), assistant('Look:', call('1', 'f'), call('2', 'g'))];
    const dummy = 'skip_thought_signature_validator';
    expect(translate(messages, NEW).contents[1]).toEqual({
      role: 'model',
      parts: [
        { text: 'Look:' },
        { functionCall: { id: '1', name: 'f', args: { a: 1 } }, thoughtSignature: dummy },
        { functionCall: { id: '2', name: 'g', args: { a: 1 } } },
      ],
    });
    expect(JSON.stringify(translate(messages, OLD))).not.toContain(dummy);
  });

  it('puts the images of a result inside of it, or behind it', () => {
    const messages: ChatMessage[] = [
      user('Go'),
      assistant(call('1', 'f')),
      { role: 'tool', toolCallId: '1', content: [{ type: 'text', text: 'A chart' }, IMAGE] },
    ];
    const plain = { id: '1', name: 'f', response: { output: 'A chart' } };
    expect(translate(messages, NEW).contents[2]).toEqual({
      role: 'user',
      parts: [{ functionResponse: { ...plain, parts: [INLINE_IMAGE] } }],
    });
    expect(translate(messages, OLD).contents[2]).toEqual({
      role: 'user',
      parts: [{ functionResponse: plain }, INLINE_IMAGE],
    });
  });

  it.each<[string, UserPart, unknown, number]>([
    ['an image', IMAGE, INLINE_IMAGE, 0],
    [
      'an image by address',
      { type: 'image', source: { kind: 'url', url: 'https://a.example/x/Cat.PNG?w=1#f.gif' } },
      { fileData: { fileUri: 'https://a.example/x/Cat.PNG?w=1#f.gif', mimeType: 'image/png' } },
      0,
    ],
    [
      'an image by an address that does not tell',
      { type: 'image', source: { kind: 'url', url: 'https://a.example/png' } },
      { fileData: { fileUri: 'https://a.example/png', mimeType: 'image/jpeg' } },
      1,
    ],
    [
      'audio',
      { type: 'audio', data: 'aGk=', format: 'wav' },
      { inlineData: { mimeType: 'audio/wav', data: 'aGk=' } },
      0,
    ],
    [
      'raw audio',
      { type: 'audio', data: 'aGk=', format: 'pcm16' },
      { inlineData: { mimeType: 'audio/pcm', data: 'aGk=' } },
      0,
    ],
    [
      'a file',
      { type: 'file', source: { kind: 'base64', mediaType: 'application/pdf', data: 'aGk=' }, filename: 'a.pdf' },
      { inlineData: { mimeType: 'application/pdf', data: 'aGk=' } },
      0,
    ],
    [
      'a file of Google',
      { type: 'file', source: { kind: 'id', fileId: 'gs://bucket/a.mp4' } },
      { fileData: { fileUri: 'gs://bucket/a.mp4', mimeType: 'video/mp4' } },
      0,
    ],
    ["another vendor's file", { type: 'file', source: { kind: 'id', fileId: 'file-1' } }, undefined, 1],
  ])('sends %s', (_what, part, sent, warnings) => {
    const translated = translate([user('See', part)]);
    expect((translated.contents[0] as { parts: unknown[] }).parts[1]).toEqual(sent);
    expect(translated.warnings).toHaveLength(warnings);
  });
});
