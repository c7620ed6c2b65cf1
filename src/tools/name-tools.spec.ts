import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { nameTools } from './name-tools.js';
import type { ServerTool } from './server-tool.js';

const toTool = (name: string): ServerTool => ({ name }) as ServerTool;

function namesOf(names: string[], taken: string[] = []): string[] {
  return [...nameTools(names.map(toTool), new Set(taken)).keys()];
}

describe('nameTools', () => {
  it.each<[string, string[], string[], (string | RegExp)[]]>([
    [
      'plain names',
      ['http:weather', 'mcp:files/read', 'rag:B\u00fccher'],
      [],
      ['http_weather', 'mcp_files_read', 'rag_B_cher'],
    ],
    ['two that look alike', ['http:a.b', 'http:a/b'], [], [/^http_a_b_[0-9a-f]{8}$/, /^http_a_b_[0-9a-f]{8}$/]],
    ['one that the client took', ['http:a'], ['http_a'], [/^http_a_[0-9a-f]{8}$/]],
    ['a long one', [`http:${'x'.repeat(100)}`], [], [/^http_x{59}$/]],
  ])('has %s', (_name, names, taken, expected) => {
    const found = namesOf(names, taken);
    expect(found).toHaveLength(expected.length);
    expected.forEach((each, index) => {
      expect(found[index]).toMatch(each instanceof RegExp ? each : new RegExp(`^${each}$`));
    });
  });

  it('gives each tool one name that every provider takes, whatever they are called', () => {
    const names = fc.uniqueArray(
      fc.string({ minLength: 1, maxLength: 90, unit: fc.constantFrom('a', '.', '/', 'é', '_') }),
    );
    fc.assert(
      fc.property(names, fc.array(fc.constantFrom('a', '_', 'a_a', '__')), (all, taken) => {
        const named = nameTools(all.map(toTool), new Set(taken));
        expect([...named.values()].map(({ name }) => name).sort()).toEqual([...all].sort());
        for (const name of named.keys()) {
          expect(name).toMatch(/^[A-Za-z0-9_-]{1,64}$/);
          expect(taken).not.toContain(name);
        }
      }),
    );
  });
});
