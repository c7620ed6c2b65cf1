import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { findCollections } from './find-collections.js';

describe('findCollections', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'trunkline-eval-'));
  });

  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  function write(path: string, ...rows: (object | string)[]): void {
    const lines = rows.map((row) => (typeof row === 'string' ? row : JSON.stringify(row)));
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), lines.join('\n'));
  }

  function writeBeir(name: string): void {
    write(`${name}/corpus.jsonl`, { _id: 'd1', title: 'T', text: 'Blue whales sing.', metadata: { article: 7 } });
    write(`${name}/queries.jsonl`, { _id: 'q1', text: 'Who sings?' }, { _id: 'q2', text: 'Not judged' });
    write(`${name}/qrels/test.tsv`, 'query-id\tcorpus-id\tscore', 'q1\td1\t1', 'q2\td1\t0');
  }

  it('reads every collection in a folder, by name', async () => {
    writeBeir('one/en');
    write('one/en/answers.jsonl', { _id: 'q1', doc: 'd1', answers: ['whales'], start: [5] });
    write('two/docs/speech.md', 'My fellow citizens.');
    write('two/questions.jsonl', {
      _id: 'c1',
      text: 'Who?',
      doc: 'speech',
      spans: [{ start: 3, end: 9, text: 'fellow' }],
    });
    const [first, second] = await findCollections(folder, 'test');
    expect(first).toEqual({
      name: 'one/en',
      documents: [{ id: 'd1', title: 'T', text: 'Blue whales sing.', group: '7' }],
      queries: [{ id: 'q1', text: 'Who sings?', relevance: new Map([['d1', 1]]) }],
      passages: [],
      answers: [{ text: 'Who sings?', spans: [{ document: 'd1', start: 5, end: 11 }] }],
    });
    expect(second).toMatchObject({ name: 'two', passages: [{ spans: [{ document: 'speech', start: 3, end: 9 }] }] });
  });

  it('reads the folder that is a collection itself', async () => {
    for (const [path, name] of [
      ['alone', 'alone'],
      ['squad/en', 'squad/en'],
    ] as const) {
      writeBeir(path);
      expect((await findCollections(join(folder, path), 'test')).map((found) => found.name)).toEqual([name]);
    }
  });

  it('says so when there is nothing, or something is not where it says', async () => {
    await expect(findCollections(folder, 'test')).rejects.toThrow('holds no test collection');
    writeBeir('bad');
    write('bad/answers.jsonl', { _id: 'q1', doc: 'd1', answers: ['whales'], start: [6] });
    await expect(findCollections(folder, 'test')).rejects.toThrow('q1 is not where it says');
    write('bad/answers.jsonl', 'no JSON');
    await expect(findCollections(folder, 'test')).rejects.toThrow('answers.jsonl:1 is not JSON');
  });
});
