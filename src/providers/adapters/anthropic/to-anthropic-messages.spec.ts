import { describe, expect, it } from '@jest/globals';
import type { AssistantPart, ChatMessage, UserPart } from '../../../core/chat/chat-request.js';
import { CacheMarks } from './cache-marks.js';
import { toAnthropicMessages } from './to-anthropic-messages.js';

function translate(
  messages: ChatMessage[],
  overrides: { keepsThoughts?: boolean; takesPrefill?: boolean } = {},
): ReturnType<typeof toAnthropicMessages> & { warnings: string[] } {
  const warnings: string[] = [];
  const options = {
    marks: new CacheMarks({ messages }),
    keepsThoughts: true,
    takesPrefill: true,
    warn: (message: string) => void warnings.push(message),
    ...overrides,
  };
  return { ...toAnthropicMessages(messages, options), warnings };
}

function text(value: string): { type: 'text'; text: string } {
  return { type: 'text', text: value };
}

const THOUGHT: AssistantPart = { type: 'reasoning', text: 'Hm', signature: 'sig', signedBy: 'anthropic' };
const CALL: AssistantPart = { type: 'tool-call', id: 'a', name: 'f', arguments: '{}' };

describe(toAnthropicMessages.name, () => {
  it('collects the system texts and joins neighbours of one role', () => {
    const { system, messages } = translate([
      { role: 'system', content: [text('One.')] },
      { role: 'user', content: [text('a')] },
      { role: 'system', content: [text('Two.'), text('')] },
      { role: 'user', content: [text(''), text('b')] },
      { role: 'assistant', content: [text('')] },
      { role: 'user', content: [text('c')] },
    ]);
    expect(system).toEqual([text('One.'), text('Two.')]);
    expect(messages).toEqual([{ role: 'user', content: [text('a'), text('b'), text('c')] }]);
  });

  it('makes one message of the results of parallel calls, results first', () => {
    const { messages } = translate([
      { role: 'user', content: [text('q')] },
      {
        role: 'assistant',
        content: [
          { type: 'tool-call', id: 'call:1', name: 'f', arguments: '{"x":1}' },
          { type: 'tool-call', id: 'b', name: 'g', arguments: '' },
          { type: 'reasoning', text: 'Hm', signature: 'sig', signedBy: 'anthropic' },
          { type: 'reasoning', text: '', redacted: 'data', signedBy: 'anthropic' },
        ],
      },
      { role: 'user', content: [text('and')] },
      { role: 'tool', toolCallId: 'call:1', content: [text('r1')] },
      { role: 'tool', toolCallId: 'b', content: [text('')], isError: true },
    ]);
    expect(messages).toEqual([
      { role: 'user', content: [text('q')] },
      {
        role: 'assistant',
        content: [
          { type: 'thinking', thinking: 'Hm', signature: 'sig' },
          { type: 'redacted_thinking', data: 'data' },
          { type: 'tool_use', id: 'call_1', name: 'f', input: { x: 1 } },
          { type: 'tool_use', id: 'b', name: 'g', input: {} },
        ],
      },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 'call_1', content: [text('r1')] },
          { type: 'tool_result', tool_use_id: 'b', content: [], is_error: true },
          text('and'),
        ],
      },
    ]);
  });

  it('tells calls apart that have one id, as older clients and other providers write them', () => {
    const turn = (result: string): ChatMessage[] => [
      { role: 'assistant', content: [{ type: 'tool-call', id: 'function_f', name: 'f', arguments: '{}' }] },
      { role: 'tool', toolCallId: 'function_f', content: [text(result)] },
    ];
    const { messages } = translate([{ role: 'user', content: [text('q')] }, ...turn('1'), ...turn('2')]);
    const ids = messages.flatMap(({ content }) =>
      (content as { id?: string; tool_use_id?: string }[]).flatMap((block) => block.id ?? block.tool_use_id ?? []),
    );
    expect(ids).toEqual(['function_f', 'function_f', 'function_f_2', 'function_f_2']);
  });

  it('says so when instructions lose their place', () => {
    const hello: ChatMessage = { role: 'user', content: [text('a')] };
    const instruction: ChatMessage = { role: 'system', content: [text('One.')] };
    expect(translate([instruction, instruction, hello]).warnings).toEqual([]);
    expect(translate([instruction, hello, instruction]).warnings).toHaveLength(1);
  });

  it('trims the white space at the end of a prefill', () => {
    const { messages } = translate([
      { role: 'user', content: [text('a ')] },
      { role: 'assistant', content: [text('The answer is \n')] },
    ]);
    expect(messages.map((message) => message.content)).toEqual([[text('a ')], [text('The answer is')]]);
  });

  it.each<[string, UserPart, unknown[], number]>([
    [
      'an image by address',
      { type: 'image', source: { kind: 'url', url: 'https://a.example/b.png' } },
      [{ type: 'image', source: { type: 'url', url: 'https://a.example/b.png' } }],
      0,
    ],
    [
      'an image',
      { type: 'image', source: { kind: 'base64', mediaType: 'image/png', data: 'AA' } },
      [{ type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AA' } }],
      0,
    ],
    [
      'a PDF',
      { type: 'file', source: { kind: 'base64', mediaType: 'application/pdf', data: 'AA' }, filename: 'a.pdf' },
      [{ type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: 'AA' }, title: 'a.pdf' }],
      0,
    ],
    [
      'a text file',
      { type: 'file', source: { kind: 'base64', mediaType: 'text/csv', data: 'YSxi' } },
      [{ type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'a,b' } }],
      0,
    ],
    [
      'an image with a detail',
      { type: 'image', source: { kind: 'url', url: 'https://a.example/b.png' }, detail: 'low' },
      [{ type: 'image', source: { type: 'url', url: 'https://a.example/b.png' } }],
      1,
    ],
    ['another file', { type: 'file', source: { kind: 'base64', mediaType: 'application/zip', data: 'AA' } }, [], 1],
    ['a foreign file id', { type: 'file', source: { kind: 'id', fileId: 'file-1' } }, [], 1],
    ['audio', { type: 'audio', data: 'AA', format: 'wav' }, [], 1],
  ])('translates %s', (_what, part, blocks, warnings) => {
    const translated = translate([{ role: 'user', content: [text('x'), part] }]);
    expect(translated.messages).toEqual([{ role: 'user', content: [text('x'), ...blocks] }]);
    expect(translated.warnings).toHaveLength(warnings);
  });

  it('warns once of names', () => {
    const named = { role: 'user' as const, content: [text('x')], name: 'Ann' };
    expect(translate([named, named]).warnings).toHaveLength(1);
  });

  it('leaves out a prefill of nothing but white space', () => {
    const { messages } = translate([
      { role: 'user', content: [text('x')] },
      { role: 'assistant', content: [text(' \n')] },
    ]);
    expect(messages).toEqual([{ role: 'user', content: [text('x')] }]);
  });

  it('warns of reasoning without a signature and of arguments that are no object', () => {
    const { messages, warnings } = translate([
      { role: 'user', content: [text('q')] },
      {
        role: 'assistant',
        content: [
          { type: 'reasoning', text: 'Hm' },
          { type: 'tool-call', id: 'a', name: 'f', arguments: '{"x' },
        ],
      },
    ]);
    expect(warnings).toHaveLength(2);
    expect(messages[1]).toMatchObject({ content: [{ type: 'tool_use', input: { arguments: '{"x' } }] });
  });

  it.each<[string, AssistantPart[], boolean, string[]]>([
    [
      'keeps it where the model put it',
      [THOUGHT, text('a'), THOUGHT, CALL],
      true,
      ['thinking', 'text', 'thinking', 'tool_use'],
    ],
    ['puts it first when it is out of order', [text('a'), CALL, THOUGHT], true, ['thinking', 'text', 'tool_use']],
    ['leaves it out where nothing follows it', [THOUGHT, text('a'), THOUGHT], true, ['thinking', 'text']],
    ['leaves it out when the model does not think', [THOUGHT, text('a'), CALL], false, ['text', 'tool_use']],
    ['leaves out what another vendor signed', [{ ...THOUGHT, signedBy: 'gemini' }, CALL], true, ['tool_use']],
    ['leaves out what nobody says who signed', [{ ...THOUGHT, signedBy: undefined }, CALL], true, ['tool_use']],
  ])('earlier thinking: %s', (_what, content, keepsThoughts, types) => {
    const { messages } = translate(
      [
        { role: 'user', content: [text('q')] },
        { role: 'assistant', content },
      ],
      { keepsThoughts },
    );
    expect((messages[1]?.content as { type: string }[]).map((block) => block.type)).toEqual(types);
  });

  it('begins with the user, and asks the model to go on where it takes no beginning', () => {
    const { messages, warnings } = translate([{ role: 'assistant', content: [text('Once ')] }], {
      takesPrefill: false,
    });
    expect(messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'user']);
    expect(messages[1]?.content).toEqual([text('Once')]);
    expect(warnings).toHaveLength(1);
  });

  it('makes the user say what would be instructions alone', () => {
    const { system, messages, warnings } = translate([{ role: 'system', content: [text('Sing.')] }]);
    expect([system, messages]).toEqual([[], [{ role: 'user', content: [text('Sing.')] }]]);
    expect(warnings).toHaveLength(1);
  });

  it('leaves out texts of nothing but white space', () => {
    const { system, messages } = translate([
      { role: 'system', content: [text(' ')] },
      { role: 'user', content: [text('\n\t'), text('x')] },
    ]);
    expect([system, messages]).toEqual([[], [{ role: 'user', content: [text('x')] }]]);
  });
});
