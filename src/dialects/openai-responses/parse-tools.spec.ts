import { describe, expect, it } from '@jest/globals';
import type { JsonObject, JsonValue } from '../../core/json.js';
import { parseResponsesRequest } from './parse-responses-request.js';

const FUNCTION = { type: 'function', name: 'find', parameters: { type: 'object', properties: {} }, strict: true };

function parse(rest: JsonObject): ReturnType<typeof parseResponsesRequest> {
  return parseResponsesRequest({ model: 'm', input: 'Hello.', ...rest });
}

describe('the tools of a response', () => {
  it('C17: refuses no type of tool: those that others do not know are named', () => {
    const { chat, tools } = parse({
      tools: [
        FUNCTION,
        { type: 'web_search' },
        { type: 'custom', name: 'patch', format: { type: 'grammar', syntax: 'lark', definition: 'start: "x"' } },
        { type: 'namespace', name: 'mail', description: 'Mail.', tools: [{ type: 'function', name: 'send' }] },
        { type: 'something_new', options: { a: 1 } },
      ],
    });
    expect(chat.tools?.map(({ name }) => name)).toEqual(['find', 'patch', 'mail__send']);
    expect(chat.tools?.[1]?.parameters).toMatchObject({ required: ['input'] });
    expect(chat.tools?.[1]?.description).toContain('start: "x"');
    expect(chat.extraParameters).toEqual(['tools[1] (web_search)', 'tools[2].format', 'tools[4] (something_new)']);
    expect(tools.get('mail__send')).toEqual({ kind: 'function', name: 'send', namespace: 'mail' });
    expect(tools.get('patch')).toEqual({ kind: 'custom', name: 'patch' });
  });

  it('gives a long name a shorter one that is the same each time', () => {
    const name = 'x'.repeat(100);
    const [first, second] = [0, 1].map(() => parse({ tools: [{ type: 'function', name }] }).chat.tools?.[0]?.name);
    expect(first).toHaveLength(64);
    expect(second).toBe(first);
    const call = { type: 'function_call', call_id: 'a', name, arguments: '{}' };
    const { chat } = parse({ input: [call, { type: 'function_call_output', call_id: 'a', output: '' }] });
    expect(chat.messages[0]?.content[0]).toMatchObject({ name: first });
  });

  it.each<[string, JsonValue, JsonValue | undefined, string[] | undefined]>([
    ['a mode', 'auto', { type: 'auto' }, undefined],
    ['required', 'required', { type: 'required' }, undefined],
    ['a function', { type: 'function', name: 'find' }, { type: 'tool', name: 'find' }, undefined],
    ['a custom tool', { type: 'custom', name: 'patch' }, { type: 'tool', name: 'patch' }, undefined],
    [
      'one in a namespace',
      { type: 'function', name: 'send', namespace: 'mail' },
      { type: 'tool', name: 'mail__send' },
      undefined,
    ],
    ['a hosted tool', { type: 'web_search_preview' }, undefined, ['tool_choice (web_search_preview)']],
    ['an unknown one', { type: 'new', x: 1 }, undefined, ['tool_choice (new)']],
  ])('reads a choice of %s', (_what, choice, expected, lost) => {
    const { chat } = parse({
      tools: [
        FUNCTION,
        { type: 'custom', name: 'patch' },
        { type: 'namespace', name: 'mail', description: '', tools: [{ type: 'function', name: 'send' }] },
      ],
      tool_choice: choice,
    });
    expect(chat.toolChoice).toEqual(expected);
    expect(chat.extraParameters).toEqual(lost);
  });

  it('leaves only the allowed tools', () => {
    const { chat } = parse({
      tools: [FUNCTION, { type: 'function', name: 'other' }, { type: 'web_search' }],
      tool_choice: {
        type: 'allowed_tools',
        mode: 'required',
        tools: [{ type: 'function', name: 'other' }, { type: 'web_search' }],
      },
    });
    expect(chat.tools?.map(({ name }) => name)).toEqual(['other']);
    expect(chat.toolChoice).toEqual({ type: 'required' });
    expect(chat.extraParameters).toEqual(['tools[2] (web_search)', 'tool_choice.tools[1]']);
  });

  it('allows no tool that is not there', () => {
    const allowed = { type: 'allowed_tools', mode: 'required', tools: [{ type: 'function', name: 'gone' }] };
    const { chat } = parse({ tools: [FUNCTION], tool_choice: allowed });
    expect(chat.toolChoice).toEqual({ type: 'none' });
    expect(chat.extraParameters).toEqual(['tool_choice.tools[0]']);
  });
});
