import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseEnv } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { EnvironmentVariables } from './environment-variables.js';
import { loadEnvironment } from './environment.js';
import { type GatewayConfig, PROVIDER_TYPES } from './gateway-config.js';

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

describe('docs/providers.md', () => {
  const page = readFileSync(new URL('../../docs/providers.md', import.meta.url), 'utf8');
  const examples = [...page.matchAll(/^```yaml\n([\s\S]*?)^```/gm)].map(([, yaml = '']) => yaml);
  let directory: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'trunkline-providers-'));
    mkdirSync(join(directory, 'config'));
    writeFileSync(join(directory, 'config/vertex.json'), '{}');
  });

  afterEach(() => {
    rmSync(directory, { recursive: true });
  });

  /** The example as a server reads it in which every variable that it names is set. */
  function load(yaml: string): GatewayConfig {
    writeFileSync(join(directory, 'config/trunkline.yaml'), yaml);
    const names = [...yaml.matchAll(/\$\{([A-Z_]+)/g)].map(([, name = '']) => [name, `value-of-${name}`]);
    return loadEnvironment(Object.fromEntries(names) as Record<string, string>, directory).gateway;
  }

  it.each(examples.map((yaml, index) => [index + 1, yaml]))('example %i is valid, whole', (_number, yaml) => {
    const { providers } = load(String(yaml));
    const named = [...String(yaml).matchAll(/^ {2}([a-z]+):/gm)].map(([, name = '']) => name);
    expect(named).toEqual(expect.arrayContaining(providers.map(({ name }) => name).filter((name) => name !== 'local')));
    expect(providers.filter(({ name }) => named.includes(name)).length).toBeGreaterThan(0);
  });

  it('has an example of every type', () => {
    const shown = examples.flatMap((yaml) => load(yaml).providers.map(({ type }) => type));
    expect([...new Set(shown)].sort()).toEqual([...PROVIDER_TYPES].sort());
  });

  it('names the variables that make providers', () => {
    const variables = page
      .slice(page.indexOf('## Without a file'), page.indexOf('## Each type'))
      .match(/[A-Z]+_[A-Z_]+/g);
    const vendors = Object.keys(new EnvironmentVariables()).filter((name) =>
      /^(?!OTEL_).*_(?:API_KEY|BASE_URL|ENDPOINT|API_VERSION)$/.test(name),
    );
    expect([...new Set(variables)].sort()).toEqual(vendors.sort());
  });
});
