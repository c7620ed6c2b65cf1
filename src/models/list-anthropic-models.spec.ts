import { describe, expect, it } from '@jest/globals';
import { listAnthropicModels } from './list-anthropic-models.js';
import type { ModelDto } from './model.dto.js';

function model(id: string, kind = 'chat'): ModelDto {
  return {
    id,
    object: 'model',
    created: 1_790_000_000,
    owned_by: 'p',
    kind,
    aliases: [],
    targets: [],
    context_window: 200_000,
    max_output_tokens: 64_000,
    dimensions: null,
    capabilities: null,
    pricing: null,
  };
}

const MODELS = [model('a'), model('e', 'embedding'), model('b'), model('c'), model('d')];

describe(listAnthropicModels.name, () => {
  it.each([
    [{}, 'abcd', false],
    [{ limit: '2' }, 'ab', true],
    [{ limit: '2', after_id: 'b' }, 'cd', false],
    [{ limit: '1', after_id: 'b' }, 'c', true],
    [{ limit: '2', before_id: 'd' }, 'bc', true],
    [{ limit: '5', before_id: 'c' }, 'ab', false],
    [{ after_id: 'd' }, '', false],
  ])('gives the page %j', (query, ids, hasMore) => {
    const page = listAnthropicModels(MODELS, query);
    expect(page.data.map(({ id }) => id).join('')).toBe(ids);
    expect(page).toMatchObject({ has_more: hasMore, first_id: ids[0] ?? null, last_id: ids.at(-1) ?? null });
  });

  it('tells what is known in Anthropic’s words', () => {
    expect(listAnthropicModels(MODELS, {}).data[0]).toMatchObject({
      type: 'model',
      id: 'a',
      display_name: 'a',
      created_at: '2026-09-21T14:13:20Z',
      max_input_tokens: 200_000,
      max_tokens: 64_000,
    });
  });

  it.each([
    [{ limit: '0' }, 'invalid_query'],
    [{ limit: 'many' }, 'invalid_query'],
    [{ limit: '1001' }, 'invalid_query'],
    [{ after_id: 'zz' }, 'invalid_cursor'],
    [{ after_id: ['a', 'b'] }, 'invalid_cursor'],
    [{ after_id: 'a', before_id: 'c' }, 'invalid_query'],
  ])('refuses %j', (query, code) => {
    expect(() => listAnthropicModels(MODELS, query)).toThrow(expect.objectContaining({ code }));
  });
});
