import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseEnv } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { EnvironmentVariables } from './environment-variables.js';
import { loadEnvironment } from './environment.js';

const EXAMPLE_MODELS_FILE = fileURLToPath(new URL('../../config/trunkline.example.yaml', import.meta.url));
const exampleVariables = parseEnv(readFileSync(new URL('../../.env.example', import.meta.url), 'utf8'));

describe('.env.example', () => {
  it('names every variable that is read, and no other', () => {
    expect(Object.keys(exampleVariables).sort()).toEqual(Object.keys(new EnvironmentVariables()).sort());
  });

  it('shows the defaults', () => {
    expect(loadEnvironment(exampleVariables, '/nowhere')).toEqual(loadEnvironment({}, '/nowhere'));
  });
});

describe('config/trunkline.example.yaml', () => {
  it.each([
    [{}, ['lab', 'local'], ['local/extractive']],
    [{ OPENAI_API_KEY: 'sk' }, ['openai', 'lab', 'local'], ['openai/gpt-5.6', 'local/extractive']],
  ])('is valid with the keys %j', (keys, providers, smart) => {
    const { gateway } = loadEnvironment({ ...keys, TRUNKLINE_CONFIG: EXAMPLE_MODELS_FILE }, '/nowhere');
    expect(gateway.providers.map((provider) => provider.name)).toEqual(providers);
    const targets = gateway.models.find((model) => model.name === 'smart')?.targets ?? [];
    expect(targets.map((target) => `${target.provider}/${target.model}`)).toEqual(smart);
    expect(gateway.defaults).toEqual({ chat: 'smart', embeddings: 'local/lexical-384' });
  });
});
