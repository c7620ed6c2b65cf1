import { describe, expect, it } from '@jest/globals';
import { allowsModel, matchesModel, MODEL_PATTERN } from './model-patterns.js';

const SMART = ['openai/gpt-5', 'claude/opus'];

describe('allowsModel', () => {
  it.each<[readonly string[] | null, string, readonly string[], boolean]>([
    [null, 'anything', [], true],
    [['*'], 'openai/gpt-5', ['openai/gpt-5'], true],
    [['smart'], 'smart', SMART, true],
    [['smart'], 'openai/gpt-5', ['openai/gpt-5'], false],
    [['smart'], 'gpt-5', ['openai/gpt-5'], false],
    [['smart'], 'smarter', SMART, false],
    [['smart'], 'Smart', SMART, false],
    [['smart*'], 'smarter', SMART, true],
    [['openai/*'], 'openai/gpt-5', ['openai/gpt-5'], true],
    [['openai/*'], 'gpt-5', ['openai/gpt-5'], true],
    [['openai/*'], 'smart', SMART, false],
    [['openai/*'], 'fast', ['openai/gpt-5-mini', 'openai/gpt-5'], true],
    [['openai/*', 'claude/opus'], 'smart', SMART, true],
    [['openai/*'], 'openai-eu/gpt-5', ['openai-eu/gpt-5'], false],
    [['openai/*'], 'OpenAI/gpt-5', ['OpenAI/gpt-5'], false],
    [['openai/gpt-5'], 'openai/GPT-5', ['openai/GPT-5'], false],
    [['openai/gpt-5'], 'openai/gpt-5-mini', ['openai/gpt-5-mini'], false],
    [['openai/gpt-5*'], 'openai/gpt-5-mini', ['openai/gpt-5-mini'], true],
    [['gpt-5'], 'gpt-5', ['openai/gpt-5'], true],
    [['gpt-5'], 'openai/gpt-5', ['openai/gpt-5'], false],
    [['openai/gpt-5'], 'nothing', [], false],
  ])('%j and %s of %j: %s', (patterns, name, targets, expected) => {
    expect(allowsModel(patterns, name, targets)).toBe(expected);
  });
});

describe('matchesModel', () => {
  it.each<[readonly string[], readonly string[], boolean]>([
    [['openai/*'], ['smart', ...SMART], true],
    [['local/*'], ['smart', ...SMART], false],
    [['smart'], ['smart', ...SMART], true],
    [[], ['smart'], false],
    [['*'], [], false],
  ])('%j of %j: %s', (patterns, names, expected) => {
    expect(matchesModel(patterns, new Set(names))).toBe(expected);
  });
});

describe('MODEL_PATTERN', () => {
  it.each(['smart', '*', 'openai/*', 'openai/gpt-5*', 'lab/meta/llama:70b'])('takes %s', (text) => {
    expect(text).toMatch(MODEL_PATTERN);
  });

  it.each(['', '**', '*mini', 'open*/gpt', 'a b', ' smart', 'smart ', 'a\n', 'a\u0000', 'a\u202e*', '\ud83d'])(
    'refuses %j',
    (text) => {
      expect(text).not.toMatch(MODEL_PATTERN);
    },
  );
});
