import type { CollectionReport } from './measure-collection.js';

/** The reports as Markdown: per test collection its tables, with a row per database and mode. */
export function renderTables(reports: readonly CollectionReport[]): string {
  const sections = [...Map.groupBy(reports, (report) => report.name)].map(([name, own]) => renderSection(name, own));
  return sections.join('\n');
}

function renderSection(name: string, reports: readonly CollectionReport[]): string {
  const [{ documents, queries } = { documents: 0, queries: 0 }] = reports;
  const times = reports.map((report) => `${report.indexSeconds.toFixed(1)} s (${report.database})`).join(', ');
  return [
    `## ${name}`,
    `${count(documents)} documents, ${count(queries)} queries. Indexed through the API in ${times}.`,
    rankingTable(reports),
    passageTable(reports),
    answerTable(reports),
  ]
    .filter((part) => part !== '')
    .join('\n\n')
    .concat('\n');
}

function rankingTable(reports: readonly CollectionReport[]): string {
  const rows = reports.flatMap(({ database, rankings }) =>
    rankings.map(({ mode, ndcg10, recall100, mrr10, p50Ms, p95Ms }) => [
      ...[database, mode, score(ndcg10), score(recall100), score(mrr10)],
      ...[p50Ms, p95Ms].map((ms) => `${ms.toFixed(0)} ms`),
    ]),
  );
  return table(['database', 'mode', 'nDCG@10', 'Recall@100', 'MRR@10', 'p50', 'p95'], rows);
}

function passageTable(reports: readonly CollectionReport[]): string {
  const rows = reports.flatMap(({ database, passages }) =>
    passages.map(({ mode, recall, iou, characters }) => [database, mode, score(recall), score(iou), count(characters)]),
  );
  return table(['database', 'mode', 'passage recall@5', 'IoU', 'characters of a chunk'], rows);
}

function answerTable(reports: readonly CollectionReport[]): string {
  const rows = reports.flatMap(({ database, answers }) =>
    answers
      ? [
          [
            ...[database, answers.inSources, answers.inQuotes, answers.supported],
            ...[answers.answered, answers.refused, answers.noAnswerAuc],
          ].map((value) => (typeof value === 'number' ? score(value) : value)),
        ]
      : [],
  );
  const headings = [
    'answer in the sources',
    'answer in the quotes',
    'supported',
    'answered',
    'refused',
    'no-answer AUC',
  ];
  return table(['database', ...headings], rows);
}

function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return '';
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(headings), line(headings.map(() => '---')), ...rows.map(line)].join('\n');
}

function score(value: number): string {
  return value.toFixed(4).replace(/^0/, '');
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}
