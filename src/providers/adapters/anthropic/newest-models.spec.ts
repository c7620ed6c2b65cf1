import { describe, expect, it } from '@jest/globals';
import type { ChatRequest } from '../../../core/chat/chat-request.js';
import type { JsonObject } from '../../../core/json.js';
import { buildMessagesBody } from './build-messages-body.js';

function build(request: Partial<ChatRequest>, model = 'claude-sonnet-4-5'): { body: JsonObject; warnings: string[] } {
  const warnings: string[] = [];
  const hello = [{ role: 'user' as const, content: [{ type: 'text' as const, text: 'Hi' }] }];
  const whole = { model: 'alias', messages: hello, stream: false, ...request };
  const body = buildMessagesBody(model, whole, { maxOutputTokens: null, warn: (message) => warnings.push(message) });
  return { body: JSON.parse(JSON.stringify(body)) as JsonObject, warnings };
}

const MINIMAL = {
  model: 'claude-sonnet-4-5',
  max_tokens: 4096,
  stream: false,
  messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }],
};

describe('the newest models', () => {
  it.each<[string, string, ChatRequest['reasoning'], JsonObject, number]>([
    ['says nothing where it is off anyway', 'claude-opus-4-8', { effort: 'none' }, {}, 0],
    ['turns off what thinks by default', 'claude-sonnet-5', { effort: 'none' }, { thinking: { type: 'disabled' } }, 0],
    ['turns off the newest Haiku', 'claude-haiku-5-5', { effort: 'none' }, { thinking: { type: 'disabled' } }, 0],
    [
      'leaves the notes between tools',
      'claude-sonnet-5-5',
      { effort: 'none' },
      { thinking: { type: 'between_tools' } },
      0,
    ],
    [
      'lowers what cannot be turned off',
      'claude-opus-5-5',
      { effort: 'none' },
      { output_config: { effort: 'low' } },
      1,
    ],
    ['lowers Fable', 'claude-fable-5', { effort: 'none' }, { output_config: { effort: 'low' } }, 1],
    ['leaves the default alone', 'claude-sonnet-5', undefined, {}, 0],
  ])('thinking: %s', (_what, model, reasoning, expected, warnings) => {
    const built = build({ reasoning }, model);
    expect(built.body).toEqual({ ...MINIMAL, model, ...expected });
    expect(built.warnings).toHaveLength(warnings);
  });

  it.each<[string, JsonObject, number]>([
    ['claude-sonnet-4-5', { tool_choice: { type: 'tool', name: 'f' } }, 0],
    ['claude-sonnet-5', { tool_choice: { type: 'tool', name: 'f' }, thinking: { type: 'disabled' } }, 0],
    ['claude-haiku-5-5', { tool_choice: { type: 'tool', name: 'f' }, thinking: { type: 'disabled' } }, 0],
    [
      'claude-opus-5-5',
      { tool_choice: { type: 'auto' }, system: 'Answer by calling the tool `f`, and with nothing else.' },
      1,
    ],
  ])('forces a tool on %s as far as it can', (model, expected, warnings) => {
    const tools = [{ name: 'f', input_schema: { type: 'object' } }];
    const built = build({ tools: [{ name: 'f' }], toolChoice: { type: 'tool', name: 'f' } }, model);
    expect(built.body).toEqual({ ...MINIMAL, model, tools, ...expected });
    expect(built.warnings).toHaveLength(warnings);
  });

  it('tells the newest models to drop thinking that no longer fits, and sends them none when they do not think', () => {
    const messages: ChatRequest['messages'] = [
      { role: 'user', content: [{ type: 'text', text: 'Hi' }] },
      {
        role: 'assistant',
        content: [
          { type: 'reasoning', text: 'h', signature: 's', signedBy: 'anthropic' },
          { type: 'text', text: 'Hello' },
        ],
      },
      { role: 'user', content: [{ type: 'text', text: 'So?' }] },
    ];
    const block_binding = { prefix_mismatch_behavior: 'drop_block' };
    expect(build({ messages }, 'claude-opus-5-5').body.thinking).toEqual({ type: 'adaptive', block_binding });
    expect(build({ messages, reasoning: { effort: 'high' } }, 'claude-fable-5-1').body).toMatchObject({
      thinking: { type: 'adaptive', display: 'summarized', block_binding },
      output_config: { effort: 'high' },
    });
    expect(build({ messages }, 'claude-opus-5').body.thinking).toBeUndefined();
    const off = build({ messages, reasoning: { effort: 'none' } }, 'claude-sonnet-5-5').body;
    expect(off.thinking).toEqual({ type: 'between_tools' });
    expect(JSON.stringify(off.messages)).not.toContain('signature');
  });

  it('goes on with the beginning of an answer in place of thinking, or asks for it', () => {
    const messages: ChatRequest['messages'] = [
      { role: 'user', content: [{ type: 'text', text: 'Hi' }] },
      { role: 'assistant', content: [{ type: 'text', text: 'Well, ' }] },
    ];
    const older = build({ messages, reasoning: { effort: 'low' } });
    expect(older.body).toMatchObject({ messages: [{}, { content: [{ type: 'text', text: 'Well,' }] }] });
    expect(older.body.thinking).toBeUndefined();
    expect(older.warnings).toHaveLength(1);
    const newer = build({ messages, reasoning: { effort: 'low' } }, 'claude-opus-4-6');
    expect(newer.body.messages).toHaveLength(3);
    expect(newer.body.thinking).toBeDefined();
  });
});
