import { Readable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import type { ImageRequest, TranscriptionRequest } from '../../../core/media/media-request.js';
import { imageOrder } from './image-order.js';
import { moderationOrder } from './moderation-order.js';
import { rerankOrder } from './rerank-order.js';
import { speechOrder } from './speech-order.js';
import { transcriptionOrder } from './transcription-order.js';

const image: ImageRequest = {
  ...{ model: 'm', prompt: 'A godwit', count: 2, size: '1024x1024', quality: 'low', partialImages: 0 },
  ...{ isStream: false, body: {} },
};

function transcription(seconds: number | null, sizeBytes: number): TranscriptionRequest {
  const file = { name: 'a.wav', mediaType: 'audio/wav', sizeBytes, seconds, open: () => Readable.from([]) };
  return { model: 'm', prompt: '', format: 'json', isStream: false, fields: [], file };
}

describe(imageOrder.name, () => {
  it.each<[string, Partial<ImageRequest>, number]>([
    ['a low quality', {}, 2 * 272],
    ['the best that is known', { quality: 'high' }, 2 * 4_160],
    ['a larger size', { quality: 'high', size: '1024x1536' }, 2 * 6_240],
    ['what the vendor chooses', { quality: null, size: 'auto' }, 2 * 6_240],
    ['a quality that nobody knows', { quality: 'constructor' }, 2 * 16_640],
    ['drafts', { partialImages: 3 }, 2 * (272 + 300)],
  ])('counts the tokens of %s', (_name, change, tokens) => {
    const order = imageOrder({ ...image, ...change });
    expect(order.usual('openai')).toMatchObject({ input: 3, imageOutput: tokens, units: { image: 2 } });
    expect(order.most('openai').imageOutput).toBeGreaterThan(tokens);
  });

  it('names what is made, with the words that vendors mean by nothing', () => {
    expect(imageOrder(image).imageVariant).toBe('low 1024x1024');
    expect(imageOrder({ ...image, size: 'auto', quality: null }).imageVariant).toBe('standard 1024x1024');
  });
});

describe(speechOrder.name, () => {
  const request = { model: 'm', input: 'Guten Tag, 👋!', instructions: '', speed: 1, isStream: false, body: {} };

  it('counts characters, not halves of them', () => {
    expect(speechOrder(request).usual('openai').units).toEqual({ character: 13, audioOutputSecond: 1 });
  });

  it('is shorter the faster it is', () => {
    const long = { ...request, input: 'word '.repeat(300) };
    expect(speechOrder(long).usual('openai').units?.audioOutputSecond).toBe(100);
    expect(speechOrder({ ...long, speed: 4 }).usual('openai').units?.audioOutputSecond).toBe(25);
    expect(speechOrder(long).most('openai').audioOutput).toBe((500 + 5) * 25);
  });
});

describe(transcriptionOrder.name, () => {
  it.each<[string, number | null, number, number]>([
    ['the length of the file', 61.2, 1_000_000, 62],
    ['no less than its bytes allow', 0.01, 20_000_000, 10],
    ['the longest that its bytes allow where nobody can tell', null, 75_000, 100],
  ])('takes %s', (_name, seconds, sizeBytes, expected) => {
    const order = transcriptionOrder(transcription(seconds, sizeBytes));
    expect(order.usual('openai').units).toEqual({ audioInputSecond: expected });
    expect(order.usual('openai').audioInput).toBe(expected * 10);
  });
});

describe(moderationOrder.name, () => {
  it('uses something also for an empty text', () => {
    expect(moderationOrder({ model: 'm', texts: [''], imageCount: 0, body: {} }).usual('openai').input).toBe(1);
    expect(moderationOrder({ model: 'm', texts: [], imageCount: 2, body: {} }).usual('openai').input).toBe(170);
  });
});

describe(rerankOrder.name, () => {
  const documents = ['near', 'x'.repeat(2_001), ...Array.from({ length: 98 }, () => 'a')];
  const order = rerankOrder({ model: 'm', query: 'how far?', documents });

  it('is searches at Cohere: a document past its length is two', () => {
    expect(order.usual('cohere')).toMatchObject({ input: 0, units: { search: 2 } });
  });

  it('is more searches at most: by tokens, and with the query', () => {
    const chinese = rerankOrder({
      model: 'm',
      query: 'q',
      documents: Array.from({ length: 100 }, () => '远'.repeat(1_000)),
    });
    expect([chinese.usual('cohere').units, chinese.most('cohere').units]).toEqual([{ search: 1 }, { search: 4 }]);
    const long = rerankOrder({ model: 'm', query: 'q'.repeat(999), documents: ['a', 'b'] });
    expect(long.most('cohere').units).toEqual({ search: 1 });
  });

  it('counts a query once, however many documents are read with it', () => {
    const query = 'word '.repeat(50_000);
    const many = rerankOrder({ model: 'm', query, documents: Array.from({ length: 1_000 }, () => 'a') });
    const one = rerankOrder({ model: 'm', query, documents: ['a'] });
    expect(many.usual('jina').input).toBeGreaterThan(999 * (one.usual('jina').input - 1));
  });

  it('is the tokens of query and document elsewhere', () => {
    expect(order.usual('jina').input).toBeGreaterThan(400);
    expect(order.usual('jina').units).toBeUndefined();
    expect(order.most('jina').input).toBeGreaterThan(order.usual('jina').input);
  });
});
