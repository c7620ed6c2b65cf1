import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { ROUTINGS } from '../../src/config/gateway-config.js';
import {
  COMPLEXITY_RULES,
  LONG_CONVERSATION_MESSAGES,
  LONG_OUTPUT_TOKENS,
  LONG_PROMPT_TOKENS,
  SEVERAL_QUESTIONS,
} from '../../src/providers/routing/complexity/complexity-rules.js';

describe('docs/routing.md', () => {
  const page = readFileSync(new URL('../../docs/routing.md', import.meta.url), 'utf8');
  const rows = [...page.matchAll(/^\| *`([a-z-]+)` *\| *(\S.*)$/gm)].map(([, name = '', text = '']) => ({
    name,
    text,
  }));
  const names = rows.map(({ name }) => name);
  const textOf = (reason: string): string => rows.find(({ name }) => name === reason)?.text ?? '';

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
