import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '../../core/json.js';
import { relayText, toWireChunk } from './relay-chunk.js';

const HEAD = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'm' };

function textFor(text: string, includeUsage = false, id = 'chatcmpl-1'): string | null {
  const chunk = toWireChunk({ dialect: 'openai-chat', value: JSON.parse(text) as JsonObject, text });
  return chunk && relayText(chunk, id, includeUsage);
}

function chunkText(rest: object, delta: object = { content: 'a' }): string {
  return JSON.stringify({ ...HEAD, choices: [{ index: 0, delta, finish_reason: null }], ...rest });
}

describe('relayText', () => {
  it('is the text as it came when nothing has to change', () => {
    const plain = chunkText({});
    expect(textFor(plain)).toBe(plain);
    const withUsage = chunkText({ usage: null });
    expect(textFor(withUsage, true)).toBe(withUsage);
  });

  it.each([[{ usage: null }], [{ usage: null, obfuscation: 'x' }]])('leaves out the empty usage of %j', (rest) => {
    const { usage: _, ...others } = rest;
    expect(textFor(chunkText(rest))).toBe(chunkText(others));
  });

  it.each([
    ["an id that is not the stream's", chunkText({}), 'chatcmpl-2', false],
    ['a usage that is not empty', chunkText({ usage: { total_tokens: 1 } }), 'chatcmpl-1', false],
    ['no usage where the client asked for one', chunkText({}), 'chatcmpl-1', true],
    [
      'a choice without its finish',
      JSON.stringify({ ...HEAD, choices: [{ index: 0, delta: {} }] }),
      'chatcmpl-1',
      false,
    ],
    ['a second member of that name', chunkText({ usage: null }, { usage: null }), 'chatcmpl-1', false],
    [
      'spaces around the member',
      chunkText({ usage: null }).replace('"usage":null', '"usage": null'),
      'chatcmpl-1',
      false,
    ],
  ])('is null for %s', (_, text, id, includeUsage) => {
    expect(textFor(text, includeUsage, id)).toBeNull();
  });

  it('does not take text that looks like the member for it', () => {
    const text = chunkText({ usage: null }, { content: 'say ,"usage":null' });
    expect(textFor(text)).toBe(chunkText({}, { content: 'say ,"usage":null' }));
  });
});
