import { describe, expect, it } from '@jest/globals';
import { countChatTokens } from '../../tokens/count-tokens.js';
import type { RetrievedChunk } from '../store/load-chunks.js';
import { assemblePrompt, type PromptInput } from './assemble-prompt.js';
import { fitPrompt } from './fit-prompt.js';

function source(n: number, words: number): RetrievedChunk {
  const text = `source${String(n)} ${'word '.repeat(words)}`;
  return {
    ...{ chunkId: String(n), id: String(n), documentId: 'd', source: 's', title: null, text, metadata: {} },
    ...{ start: 0, end: text.length, page: null, version: 1, ordinal: n, score: 1, lexical: 1, dense: 1 },
  };
}

function input(more: Partial<PromptInput>): PromptInput {
  return {
    ...{
      model: '',
      question: 'What is it?',
      sources: [],
      history: [],
      instructions: null,
      stream: false,
      form: 'quoted',
    },
    ...more,
  };
}

function turns(count: number, words: number): PromptInput['history'] {
  return Array.from({ length: count }, (_, n) => ({
    role: n % 2 === 0 ? 'user' : 'assistant',
    content: `turn${String(n)} ${'said '.repeat(words)}`,
  }));
}

describe('fitPrompt', () => {
  it('leaves everything as it is where there is room', () => {
    const given = input({ sources: [source(1, 100), source(2, 100)], history: turns(4, 50) });
    expect(fitPrompt(given, Infinity)).toEqual({ sources: given.sources, history: given.history });
    expect(fitPrompt(given, 2_000)).toEqual({ sources: given.sources, history: given.history });
  });

  it.each([700, 1_000, 1_500, 3_000, 6_000])('never makes a prompt of more than %i tokens', (promptTokens) => {
    const given = input({
      sources: Array.from({ length: 10 }, (_, n) => source(n, 150)),
      history: turns(20, 120),
      instructions: 'Be brief.',
    });
    const fitted = fitPrompt(given, promptTokens);
    expect(countChatTokens(assemblePrompt({ ...given, ...fitted }))).toBeLessThanOrEqual(promptTokens);
    expect(fitted.sources.length).toBeGreaterThan(0);
    expect(fitted.sources[0]).toBe(given.sources[0]);
  });

  it('drops old turns before sources, and never begins with an answer', () => {
    const given = input({ sources: [source(1, 200), source(2, 200)], history: turns(9, 100) });
    const { sources, history } = fitPrompt(given, 1_200);
    expect(sources).toHaveLength(2);
    expect(history.length).toBeGreaterThan(0);
    expect(history.length).toBeLessThan(9);
    expect(history[0]?.role).toBe('user');
    expect(history.at(-1)).toBe(given.history.at(-1));
  });

  it('takes a shorter source where a longer one has no room', () => {
    const given = input({ sources: [source(1, 200), source(2, 5_000), source(3, 50)] });
    expect(fitPrompt(given, 1_000).sources.map(({ id }) => id)).toEqual(['1', '3']);
  });

  it('refuses what leaves no room for any source', () => {
    const given = input({ sources: [source(1, 400)], instructions: 'must '.repeat(700) });
    expect(() => fitPrompt(given, 1_000)).toThrow(expect.objectContaining({ code: 'context_length_exceeded' }));
  });

  it('counts scripts that take more than a token for a character', () => {
    const given = input({ sources: [source(1, 10), { ...source(2, 0), text: '\ua188'.repeat(500) }] });
    const fitted = fitPrompt(given, 900);
    expect(countChatTokens(assemblePrompt({ ...given, ...fitted }))).toBeLessThanOrEqual(900);
  });
});
