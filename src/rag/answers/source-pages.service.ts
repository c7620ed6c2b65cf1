import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { RetrievedChunk } from '../store/load-chunks.js';
import { loadPages } from '../store/load-pages.js';

/** The page, from 1, that an offset into the text of a source's document is on; null for formats without pages. */
export type PageFinder = (source: RetrievedChunk, offset: number) => number | null;

/** Finds the pages of citations. */
@Injectable()
export class SourcePages {
  constructor(private readonly dataSource: DataSource) {}

  /** Asks the database only where a source has pages. */
  async finderFor(projectId: string, sources: readonly RetrievedChunk[]): Promise<PageFinder> {
    const paged = sources.filter((source) => source.page !== null);
    const unique = new Map(paged.map((source) => [source.documentId, source]));
    const pages = await loadPages(this.dataSource, projectId, [...unique.values()]);
    return (source, offset) => {
      const spans = pages.get(source.documentId);
      if (!spans || source.page === null) return source.page;
      // What stands between two pages belongs to the one that follows.
      const index = spans.findIndex((span) => offset < span.end);
      return index < 0 ? spans.length : index + 1;
    };
  }
}
