import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '../../core/json.js';
import { bodyWithInstruction, bodyWithTool } from './form-in-body.js';

const TOOL = { name: 'answer', description: 'Gives it.', parameters: { type: 'object' } };
const source = (body: JsonObject): Parameters<typeof bodyWithTool>[0] => ({ dialect: 'openai-responses', body });

describe('the form of a response', () => {
  const text = { format: { type: 'json_schema', name: 'answer', schema: {} }, verbosity: 'low' };

  it('becomes a function to be called', () => {
    expect(bodyWithTool(source({ input: 'a', text, tools: [{ type: 'x' }], y: 1 }), TOOL)).toEqual({
      input: 'a',
      text: { verbosity: 'low' },
      tools: [{ type: 'function', ...TOOL, strict: false }],
      tool_choice: { type: 'function', name: 'answer' },
      y: 1,
    });
  });

  it('becomes an instruction, behind those that there are', () => {
    const { format } = text;
    expect(bodyWithInstruction(source({ input: 'a', text: { format } }), 'As JSON.')).toEqual({
      input: 'a',
      instructions: 'As JSON.',
    });
    expect(bodyWithInstruction(source({ input: 'a', instructions: 'Be brief.' }), 'As JSON.')).toEqual({
      input: 'a',
      instructions: 'Be brief.\n\nAs JSON.',
    });
  });
});
