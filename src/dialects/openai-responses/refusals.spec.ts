import { describe, expect, it } from '@jest/globals';
import { InvalidRequestError } from '../../core/errors/app-error.js';
import type { JsonObject } from '../../core/json.js';
import { parseResponsesRequest } from './parse-responses-request.js';

const FUNCTION = { type: 'function', name: 'find' };

function refusal(rest: JsonObject): { code: string; param: string | null } {
  try {
    parseResponsesRequest({ model: 'm', input: 'Hello.', ...rest });
  } catch (error) {
    if (error instanceof InvalidRequestError) return { code: error.code, param: error.param };
    throw error;
  }
  throw new Error('The body was accepted.');
}

describe('a body of the Responses API', () => {
  it.each<[string, JsonObject, string, string]>([
    ['no model', { model: undefined }, 'missing_required_parameter', 'model'],
    ['no input', { input: undefined }, 'missing_required_parameter', 'input'],
    ['no items', { input: [] }, 'invalid_value', 'input'],
    ['input of another type', { input: 5 }, 'invalid_type', 'input'],
    ['an item that is no object', { input: ['x'] }, 'invalid_type', 'input[0]'],
    ['an item without a type', { input: [{ text: 'x' }] }, 'missing_required_parameter', 'input[0].type'],
    ['an unknown role', { input: [{ role: 'bot', content: 'x' }] }, 'invalid_value', 'input[0].role'],
    ['content of another type', { input: [{ role: 'user', content: 1 }] }, 'invalid_type', 'input[0].content'],
    [
      'a part without its text',
      { input: [{ role: 'user', content: [{ type: 'input_text' }] }] },
      'missing_required_parameter',
      'input[0].content[0].text',
    ],
    [
      'an image nowhere',
      { input: [{ role: 'user', content: [{ type: 'input_image', detail: 'auto' }] }] },
      'missing_required_parameter',
      'input[0].content[0].image_url',
    ],
    [
      'a file on a disk',
      { input: [{ role: 'user', content: [{ type: 'input_file', file_url: 'file:///etc/passwd' }] }] },
      'url_scheme_not_allowed',
      'input[0].content[0].file_url',
    ],
    [
      'a call without its id',
      { input: [{ type: 'function_call', name: 'f', arguments: '{}' }] },
      'missing_required_parameter',
      'input[0].call_id',
    ],
    [
      'a call without a result',
      { input: [{ type: 'function_call', call_id: 'a', name: 'f', arguments: '{}' }] },
      'invalid_tool_sequence',
      'input',
    ],
    [
      'a result without a call',
      { input: [{ type: 'function_call_output', call_id: 'a', output: 'One.' }] },
      'invalid_tool_sequence',
      'input[0].call_id',
    ],
    ['a tool without a type', { tools: [{ name: 'f' }] }, 'missing_required_parameter', 'tools[0].type'],
    ['a function without a name', { tools: [{ type: 'function' }] }, 'missing_required_parameter', 'tools[0].name'],
    ['a name that is none', { tools: [{ type: 'function', name: 'a b' }] }, 'invalid_value', 'tools[0].name'],
    [
      'two tools of one name',
      { tools: [FUNCTION, { type: 'custom', name: 'find' }] },
      'invalid_value',
      'tools[1].name',
    ],
    [
      'a schema that is none',
      { tools: [{ type: 'function', name: 'f', parameters: { type: 'text' } }] },
      'invalid_schema',
      'tools[0].parameters.type',
    ],
    ['a choice of no tool', { tool_choice: { type: 'function', name: 'f' } }, 'invalid_value', 'tool_choice.name'],
    ['a choice among no tools', { tool_choice: 'required' }, 'invalid_value', 'tool_choice'],
    [
      'a form without a name',
      { text: { format: { type: 'json_schema', schema: {} } } },
      'missing_required_parameter',
      'text.format.name',
    ],
    ['an unknown form', { text: { format: { type: 'xml' } } }, 'invalid_value', 'text.format.type'],
    ['an unknown effort', { reasoning: { effort: 'huge' } }, 'invalid_value', 'reasoning.effort'],
    ['too hot', { temperature: 3 }, 'invalid_value', 'temperature'],
    ['no tokens', { max_output_tokens: 0 }, 'invalid_value', 'max_output_tokens'],
    ['metadata that is no text', { metadata: { a: 1 } }, 'invalid_metadata', 'metadata.a'],
    ['stream options without a stream', { stream_options: {} }, 'invalid_value', 'stream_options'],
    ['a template of OpenAI’s', { prompt: { id: 'pmpt_1' } }, 'unsupported_capability', 'prompt'],
    ['two pasts', { previous_response_id: 'resp_1', conversation: 'conv_1' }, 'invalid_value', 'previous_response_id'],
    ['a background that nobody keeps', { background: true, store: false }, 'invalid_value', 'background'],
    ['store of another type', { store: 'yes' }, 'invalid_type', 'store'],
    ['include of another type', { include: 'x' }, 'invalid_type', 'include'],
  ])('refuses %s', (_what, rest, code, param) => {
    expect(refusal(rest)).toEqual({ code, param });
  });
});
