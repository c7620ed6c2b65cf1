import { describe, expect, it } from '@jest/globals';
import { configure } from '../test/support/configure-gateway.js';
import type { ProcessRole } from './core/process-role.js';
import { renderBanner } from './banner.js';

function banner(text: string, role: ProcessRole = 'both'): string {
  const { gateway } = configure(text);
  const facts = { version: '1', url: 'http://here', database: 'd', role, firstRunKey: null, hasPresetKey: true };
  return renderBanner({ ...facts, gateway, startedInMs: 1_000 });
}

describe('the banner', () => {
  it('says which providers are there, and which are left out for want of a key', () => {
    const shown = banner(
      'providers: { a: { type: openai, api_keys: ["${EMPTY:-}"] }, b: { type: gemini, api_keys: ["${KEY}", ""] } }',
    );
    expect(shown).toContain('  Providers      b, local\n  Left out       a: without a key\n');
    expect(shown).not.toContain('No provider key is set');
  });

  it.each([
    ['', /Set OPENAI_API_KEY, ANTHROPIC_API_KEY or GEMINI_API_KEY, or/],
    ['providers: { a: { type: openai, api_keys: [""] } }', /Set the keys of the providers that are left out/],
  ])('says what to do when nobody but the built-in provider is there: %s', (text, hint) => {
    expect(banner(text)).toMatch(hint);
  });

  it('says what a process is for that is not for everything, and offers nothing that it refuses', () => {
    const worker = banner('', 'worker');
    expect(worker).toContain('  Role           worker: only /health and /metrics are answered\n');
    expect(worker).not.toMatch(/curl|Documentation|Admin key/);
    expect(banner('', 'api')).toMatch(/Role {11}api: jobs wait for a process with ROLE=worker\n[^]*curl/);
    expect(banner('')).not.toContain('Role');
  });
});
