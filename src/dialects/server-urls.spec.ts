import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '../core/json.js';
import { urlsForOpenAi } from './server-urls.js';

const URL = 'http://169.254.169.254/';

describe('urlsForOpenAi', () => {
  it.each<[string, JsonObject[], JsonObject[]]>([
    ['tools[0].server_url', [{ type: 'mcp', server_url: URL }], []],
    ['tools[0].input_image_mask.image_url', [{ type: 'image_generation', input_image_mask: { image_url: URL } }], []],
    ['input[0].output[0].file_url', [], [{ output: [{ type: 'input_file', file_url: URL }] }]],
    ['input[0].output.image_url', [], [{ type: 'computer_call_output', output: { image_url: URL } }]],
  ])('finds the address in %s', (param, tools, input) => {
    expect(urlsForOpenAi(tools, input)).toEqual([{ url: URL, param }]);
  });

  it('leaves images alone that stand in the body, and what is no address', () => {
    const output = { type: 'computer_screenshot', image_url: 'data:image/png;base64,AAAA', file_url: 7 };
    expect(urlsForOpenAi([{ input_image_mask: output }, null, 'x'], [{ output }, { output: 'text' }, {}])).toEqual([]);
    expect(urlsForOpenAi(undefined, [])).toEqual([]);
  });
});
