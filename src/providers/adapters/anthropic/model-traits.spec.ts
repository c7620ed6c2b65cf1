import { describe, expect, it } from '@jest/globals';
import { isSameModel, modelTraits } from './model-traits.js';

describe(modelTraits.name, () => {
  it.each([
    ['claude-3-5-haiku-latest', 'older'],
    ['claude-sonnet-4-20250514', 'older'],
    ['claude-opus-4-1-20250805', 'one sampling'],
    ['claude-haiku-4-5', 'one sampling'],
    ['claude-sonnet-4-5-20250929', 'one sampling'],
    ['claude-opus-4-6', 'both'],
    ['claude-sonnet-4.6', 'both'],
    ['claude-opus-4-7', 'adaptive'],
    ['claude-opus-4-10', 'adaptive'],
    ['claude-sonnet-5', 'adaptive'],
    ['anthropic.claude-haiku-5-5', 'adaptive'],
    ['my-own-model', 'older'],
  ])('%s is of the generation `%s`', (model, generation) => {
    const { thinksAdaptively, takesThinkingBudget, takesBothSamplings } = modelTraits(model);
    const seen = thinksAdaptively
      ? takesThinkingBudget
        ? 'both'
        : 'adaptive'
      : takesBothSamplings
        ? 'older'
        : 'one sampling';
    expect(seen).toBe(generation);
  });

  it.each([
    ['claude-sonnet-4-5', 'omitted', false, true],
    ['claude-opus-4-8', 'omitted', false, true],
    ['claude-opus-5', 'disabled', false, true],
    ['claude-sonnet-5', 'disabled', false, true],
    ['claude-haiku-5-5', 'disabled', true, true],
    ['claude-sonnet-5-5', 'between_tools', true, false],
    ['claude-opus-5-5', 'impossible', true, false],
    ['claude-fable-5', 'impossible', false, false],
    ['claude-fable-5-1', 'impossible', true, false],
    ['claude-mythos-preview', 'impossible', false, false],
    ['my-own-model', 'omitted', false, true],
  ])('%s: thinking off is %s, bound %s, forced tools %s', (model, off, bound, forced) => {
    const { thinkingOff, bindsThinking, takesForcedTools } = modelTraits(model);
    expect([thinkingOff, bindsThinking, takesForcedTools]).toEqual([off, bound, forced]);
  });

  it.each([
    ['claude-opus-4-8', 'claude-opus-4-8-20260401', true],
    ['claude-sonnet-5', 'claude-sonnet-5-20260101', true],
    ['claude-3-7-sonnet-latest', 'claude-3-7-sonnet-20250219', true],
    ['anthropic/claude-opus-4.8', 'claude-opus-4-8', true],
    ['our-own-name', 'claude-opus-4-8', true],
    ['claude-opus-4-8', 'claude-opus-4-7', false],
    ['claude-opus-4', 'claude-opus-4-1-20250805', false],
    ['claude-opus-5', 'claude-fable-5', false],
    ['claude-3-7-sonnet-latest', 'claude-sonnet-4-5', false],
    ['claude-3-5-haiku-latest', 'claude-3-5-sonnet-latest', false],
  ])('%s and %s are one model: %s', (left, right, isSame) => {
    expect(isSameModel(left, right)).toBe(isSame);
    expect(isSameModel(right, left)).toBe(isSame);
  });
});
