import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { STANDARD_ALIASES } from '../../src/config/gateway/standard-models.js';
import { ROUTINGS } from '../../src/config/gateway-config.js';
import { checkContextFallbacks } from '../../src/providers/catalog/check-context-fallbacks.js';
import { ModelCatalog } from '../../src/providers/catalog/model-catalog.js';
import {
  COMPLEXITY_RULES,
  LONG_CONVERSATION_MESSAGES,
  LONG_OUTPUT_TOKENS,
  LONG_PROMPT_TOKENS,
  SEVERAL_QUESTIONS,
} from '../../src/providers/routing/complexity/complexity-rules.js';
import { configure } from '../support/configure-gateway.js';

const PROVIDERS = `providers:
  openai: { type: openai, api_keys: [k] }
  claude: { type: anthropic, api_keys: [k] }
  gemini: { type: gemini, api_keys: [k] }
  lab: { type: openai-compatible, base_url: 'http://lab/v1' }
  east: { type: openai-compatible, base_url: 'http://east/v1' }
  west: { type: openai-compatible, base_url: 'http://west/v1' }
  deepseek: { type: openai-compatible, base_url: 'http://deepseek/v1' }
`;

describe('docs/routing.md', () => {
  const page = readFileSync(new URL('../../docs/routing.md', import.meta.url), 'utf8');
  const rows = [...page.matchAll(/^\| *`([a-z-]+)` *\| *(\S.*)$/gm)].map(([, name = '', text = '']) => ({
    name,
    text,
  }));
  const names = rows.map(({ name }) => name);
  const textOf = (reason: string): string => rows.find(({ name }) => name === reason)?.text ?? '';

  const examples = [...page.matchAll(/^```yaml\n([\s\S]*?)^```/gm)].map(([, yaml = '']) => yaml);

  it.each(examples.map((yaml, index) => [index + 1, yaml] as const))('example %i starts a server', (_number, yaml) => {
    const { gateway, problems } = configure(`${PROVIDERS}${yaml}`);
    expect([...problems, ...checkContextFallbacks(gateway, new ModelCatalog())]).toEqual([]);
    expect(gateway.models.length).toBeGreaterThan(STANDARD_ALIASES.length);
  });

  it('lists every strategy and then every rule of `auto`, in the order in which they are tried, and no other', () => {
    expect(names).toEqual([...ROUTINGS, ...COMPLEXITY_RULES.map(({ reason }) => reason)]);
  });

  it.each([
    ['long-output', LONG_OUTPUT_TOKENS],
    ['long-conversation', LONG_CONVERSATION_MESSAGES],
    ['long-prompt', LONG_PROMPT_TOKENS],
    ['questions', SEVERAL_QUESTIONS],
  ])('says the number of %s', (reason, number) => {
    expect(textOf(reason)).toContain(` ${String(number)} `);
  });
});
