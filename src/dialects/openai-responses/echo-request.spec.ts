import { describe, expect, it } from '@jest/globals';
import { openAiSchemaCheck } from '../../../test/support/openai-schemas.js';
import type { JsonObject } from '../../core/json.js';
import { parseResponsesRequest } from './parse-responses-request.js';
import { ResponseWriter } from './response-writer.js';

const checkResponse = openAiSchemaCheck('Response');

function responseFor(body: JsonObject): JsonObject {
  const request = parseResponsesRequest({ model: 'm', input: 'Hello.', ...body });
  return new ResponseWriter(request, { id: 'resp_1', createdAt: 1 }).response;
}

describe('a response', () => {
  it('repeats its request', () => {
    const body = {
      instructions: 'Be brief.',
      previous_response_id: 'resp_0',
      metadata: { a: 'b' },
      temperature: 0.5,
      max_output_tokens: 20,
      tools: [
        { type: 'function', name: 'f', description: null },
        { type: 'web_search' },
        { type: 'something_new' },
        { type: 'custom', name: 'c' },
      ],
      tool_choice: { type: 'something_new' },
      text: { format: { type: 'json_schema', name: 'n', schema: { type: 'object' }, strict: null }, verbosity: null },
      reasoning: { effort: 'low' },
      service_tier: 'auto',
      user: 'u',
      store: false,
    };
    const response = responseFor(body);
    checkResponse(response);
    expect(response).toMatchObject({
      model: 'm',
      instructions: 'Be brief.',
      previous_response_id: 'resp_0',
      metadata: { a: 'b' },
      temperature: 0.5,
      max_output_tokens: 20,
      tools: [
        { type: 'function', name: 'f', parameters: null, strict: null },
        { type: 'web_search' },
        { type: 'custom', name: 'c' },
      ],
      tool_choice: 'auto',
      text: { format: { type: 'json_schema', name: 'n', schema: { type: 'object' } }, verbosity: 'medium' },
      reasoning: { effort: 'low', summary: null },
      service_tier: 'default',
      store: false,
    });
    expect(responseFor({ conversation: 'conv_1' }).conversation).toEqual({ id: 'conv_1' });
  });
});
