import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '../../../core/json.js';
import { readImageUsage, readSpeechUsage, readTranscriptUsage } from './read-usage.js';

describe(readImageUsage.name, () => {
  it('keeps text and images apart, both ways', () => {
    const usage = {
      ...{ input_tokens: 100, output_tokens: 1_010 },
      input_tokens_details: { text_tokens: 60, image_tokens: 30, cached_tokens: 10 },
      output_tokens_details: { text_tokens: 10, image_tokens: 1_000 },
    };
    expect(readImageUsage(usage)).toMatchObject({
      ...{ input: 60, cachedInput: 10, imageInput: 30, output: 10, imageOutput: 1_000 },
    });
  });

  it.each<[string, JsonObject | undefined, null | undefined]>([
    ['nothing', undefined, undefined],
    ['a negative number', { input_tokens: -1, output_tokens: 1 }, null],
    ['half a token', { input_tokens: 1.5, output_tokens: 1 }, null],
    [
      'a part larger than its whole',
      { input_tokens: 1, output_tokens: 1, input_tokens_details: { image_tokens: 2 } },
      null,
    ],
    ['no output', { input_tokens: 1 }, null],
  ])('says of %s that it is none, or cannot be meant', (_name, usage, expected) => {
    expect(readImageUsage(usage)).toBe(expected);
  });
});

describe(readSpeechUsage.name, () => {
  it('is text in and sound out', () => {
    expect(readSpeechUsage({ input_tokens: 8, output_tokens: 100 })).toMatchObject({ input: 8, audioOutput: 100 });
    expect(readSpeechUsage({ input_tokens: 8 })).toBeNull();
  });
});

describe(readTranscriptUsage.name, () => {
  it('takes tokens, of which those that are not said to be text are sound', () => {
    const tokens = { type: 'tokens', input_tokens: 24, output_tokens: 9 };
    expect(readTranscriptUsage(tokens)).toMatchObject({ input: 0, audioInput: 24, output: 9 });
    const parts = { ...tokens, input_token_details: { audio_tokens: 20 } };
    expect(readTranscriptUsage(parts)).toMatchObject({ input: 4, audioInput: 20, output: 9 });
    expect(readTranscriptUsage({ ...tokens, input_token_details: { audio_tokens: 25 } })).toBeNull();
  });

  it.each<[string, JsonObject | undefined, number | undefined, number | null | undefined]>([
    ['seconds', { type: 'duration', seconds: 7 }, undefined, 7],
    ['a second that was begun', { type: 'duration', seconds: 7.01 }, undefined, 8],
    ['the length of the answer where there is no usage', undefined, 2.5, 3],
    ['the usage before the length', { type: 'duration', seconds: 7 }, 2.5, 7],
    ['nothing', undefined, undefined, undefined],
    ['less than nothing', { type: 'duration', seconds: -1 }, undefined, null],
  ])('takes %s', (_name, usage, seconds, expected) => {
    const read = readTranscriptUsage(usage, seconds);
    expect(read === null ? null : read?.units?.audioInputSecond).toBe(expected);
  });
});
