import type { SqlRunner } from './sql-runner.js';

/** Where the text of a page is, in UTF-16 offsets into the document's text. */
export interface PageSpan {
  start: number;
  end: number;
}

/** A version of a document, as a chunk names it. */
interface VersionName {
  documentId: string;
  version: number;
}

/** The pages of some versions of documents, in order, by document; documents without pages are left out. */
export async function loadPages(
  runner: SqlRunner,
  projectId: string,
  versions: readonly VersionName[],
): Promise<ReadonlyMap<string, readonly PageSpan[]>> {
  if (versions.length === 0) return new Map();
  const rows = await runner.query<{ document_id: string; pages: PageSpan[] }[]>(
    `select v.document_id, v.pages
     from unnest($2::text[], $3::int[]) as w(document_id, version)
     join document_version v on v.project_id = $1 and v.document_id = w.document_id and v.version = w.version
     where v.pages is not null`,
    [projectId, versions.map(({ documentId }) => documentId), versions.map(({ version }) => version)],
  );
  return new Map(rows.map((row) => [row.document_id, row.pages]));
}
