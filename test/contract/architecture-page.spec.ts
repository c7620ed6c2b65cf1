import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, expect, it } from '@jest/globals';

interface FolderRule {
  name: string;
  comment: string;
}

const ROW = /^\| (?<folders>`.+?) *\| .+? *\| (?<allowed>[^|]+?) *\|$/gm;

describe('architecture page', () => {
  it('docs/architecture.md says who may import whom, as it is held', () => {
    const page = readFileSync(new URL('../../docs/architecture.md', import.meta.url), 'utf8');
    const told = [...page.matchAll(ROW)].flatMap(({ groups: { folders = '', allowed = '' } = {} }) =>
      [...folders.matchAll(/`([a-z-]+)`/g)].map(([, folder = '']): [string, string[]] => [folder, words(allowed)]),
    );
    expect(Object.fromEntries(told)).toEqual(Object.fromEntries(heldRules()));
  });

  function heldRules(): [string, string[]][] {
    const load = createRequire(import.meta.url);
    const { forbidden } = load('../../.dependency-cruiser.cjs') as { forbidden: FolderRule[] };
    return forbidden
      .filter(({ name }) => name.startsWith('imports-of-'))
      .map(({ name, comment }) => [
        name.slice('imports-of-'.length),
        words(comment.replace(/^.* may import itself(?:, )?/, '')),
      ]);
  }

  function words(list: string): string[] {
    return list
      .split(', ')
      .filter((word) => word !== '' && word !== 'nothing')
      .sort();
  }
});
