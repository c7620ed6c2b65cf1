import { describe, expect, it } from '@jest/globals';
import { configure } from '../../../test/support/configure-gateway.js';

const MODELS = `models:
  plain: { targets: [local/extractive] }
  error: { targets: [local/extractive], on_stream_failure: error }
  steady: { targets: [local/extractive], on_stream_failure: continue }
`;

function instructionsOf(text: string): (string | undefined)[] {
  const { gateway, problems } = configure(text);
  expect(problems).toEqual([]);
  return ['plain', 'error', 'steady', 'fast'].map(
    (name) => gateway.models.find((model) => model.name === name)?.continuation?.instruction,
  );
}

describe('on_stream_failure', () => {
  it('goes on only where it says so, by an English instruction', () => {
    const nothing = undefined;
    expect(instructionsOf(MODELS)).toEqual([nothing, nothing, expect.stringMatching(/cut off/), nothing]);
  });

  it('takes the instruction of the file', () => {
    expect(instructionsOf(`${MODELS}continuation: { instruction: Weiter. }`)[2]).toBe('Weiter.');
    expect(instructionsOf(`${MODELS}continuation:`)[2]).toMatch(/cut off/);
  });
});
