import { describe, expect, it } from '@jest/globals';
import { readRanking, toRankingRequest } from './rank-by-chat.js';

describe('ranking by a chat model', () => {
  it('numbers the passages and cuts them', () => {
    const request = toRankingRequest('smart', 'how far?', ['first', 'x'.repeat(5_000)]);
    const prompt = JSON.stringify(request.messages);
    expect(prompt).toContain('[1] first');
    expect(prompt).toContain('[2] xxx');
    expect(prompt.length).toBeLessThan(3_000);
    expect(request).toMatchObject({ model: 'smart', stream: false });
  });

  it.each<[string, string, number[] | null]>([
    ['a plain list', '[2, 1]', [0.75, 1, 0, 0]],
    ['a list with words around it', 'Here you are:\n```json\n[4]\n```', [0, 0, 0, 1]],
    ['numbers as texts', '["3","1"]', [0.75, 0, 1, 0]],
    ['numbers that do not exist and repetitions', '[9, 2, 2, 0, 1]', [0.75, 1, 0, 0]],
    ['none that helps', '[]', null],
    ['no list', 'Passage 2 is the best.', null],
    ['brackets without end', '['.repeat(4_000), null],
  ])('reads %s', (_name, reply, expected) => {
    expect(readRanking(reply, 4)).toEqual(expected);
  });
});
