import { describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import { checkServer } from './check-server.js';

interface Server {
  number: number;
  text: string;
  extensions: string[];
}

function clientOf({ number, text, extensions }: Server): pg.Client {
  const answers = [[{ number, name: String(number / 10_000), text }], extensions.map((name) => ({ name }))];
  return { query: () => Promise.resolve({ rows: answers.shift() }) } as unknown as pg.Client;
}

const GOOD: Server = { number: 170_004, text: 'PostgreSQL 17.4 on x86_64', extensions: ['vector', 'pg_trgm'] };

describe('checkServer', () => {
  it.each<[string, Partial<Server>, boolean]>([
    ['a server', {}, false],
    ['the oldest version', { number: 150_000 }, false],
    ['the embedded database', { text: 'PostgreSQL 18.0 (PGlite 0.5) on wasm32' }, true],
  ])('takes %s', async (_, differences, isEmbedded) => {
    expect(await checkServer(clientOf({ ...GOOD, ...differences }))).toEqual({ isEmbedded });
  });

  it.each<[string, Partial<Server>, string, string]>([
    ['an old version', { number: 149_000 }, 'unsupported-version', 'needs 15 or newer'],
    ['no pgvector', { extensions: ['pg_trgm'] }, 'missing-extension', 'the extension "vector".'],
    ['no extension at all', { extensions: [] }, 'missing-extension', '"vector" and "pg_trgm"'],
  ])('refuses %s', async (_, differences, reason, message) => {
    await expect(checkServer(clientOf({ ...GOOD, ...differences }))).rejects.toMatchObject({
      reason,
      message: expect.stringContaining(message),
    });
  });
});
