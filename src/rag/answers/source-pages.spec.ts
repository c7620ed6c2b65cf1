import { describe, expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';
import type { RetrievedChunk } from '../store/load-chunks.js';
import { SourcePages } from './source-pages.service.js';

const PAGES = [
  { start: 0, end: 100 },
  { start: 102, end: 200 },
  { start: 202, end: 300 },
];

function source(documentId: string, page: number | null): RetrievedChunk {
  return {
    ...{ chunkId: 'c', id: 'c', documentId, source: 's', title: null, text: '', metadata: {}, page, version: 2 },
    ...{ start: 50, end: 250, ordinal: 0, score: 1, lexical: 1, dense: 1 },
  };
}

describe('SourcePages', () => {
  const asked: unknown[][] = [];
  const dataSource = {
    query: (_sql: string, parameters: unknown[]) => {
      asked.push(parameters);
      return Promise.resolve([{ document_id: 'paged', pages: PAGES }]);
    },
  } as unknown as DataSource;
  const pages = new SourcePages(dataSource);

  it.each([
    [0, 1],
    [99, 1],
    [100, 2],
    [199, 2],
    [202, 3],
    [999, 3],
  ])('finds the page of offset %i', async (offset, page) => {
    const find = await pages.finderFor('p', [source('paged', 1), source('paged', 2), source('plain', null)]);
    expect(find(source('paged', 1), offset)).toBe(page);
    expect(asked.at(-1)).toEqual(['p', ['paged'], [2]]);
  });

  it('asks nobody where no source has pages', async () => {
    const before = asked.length;
    const find = await pages.finderFor('p', [source('plain', null)]);
    expect(find(source('plain', null), 5)).toBeNull();
    expect(asked).toHaveLength(before);
  });

  it('keeps to the page of the source when its document is gone', async () => {
    const find = await pages.finderFor('p', [source('gone', 7)]);
    expect(find(source('gone', 7), 5)).toBe(7);
  });
});
