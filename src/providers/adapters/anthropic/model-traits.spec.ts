import { describe, expect, it } from '@jest/globals';
import { modelTraits } from './model-traits.js';

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
});
