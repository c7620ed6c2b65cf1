import type { CollectionReport } from './measure-collection.js';

/** What may never be measured lower; where a score has none it is not judged. */
interface Floors {
  ndcg10?: number;
  recall100?: number;
  passageRecall?: number;
  noAnswerAuc?: number;
}

/** By the name of the test collection. */
const FLOORS: readonly [name: RegExp, Floors][] = [
  [/\bscifact$/, { ndcg10: 0.665, recall100: 0.91 }],
  [/\bxquad\/en$/, { ndcg10: 0.96, noAnswerAuc: 0.95 }],
  [/\bxquad\/es$/, { ndcg10: 0.95 }],
  [/\bxquad\/ru$/, { ndcg10: 0.93 }],
  [/\bxquad\/vi$/, { ndcg10: 0.955 }],
  [/\bxquad\/zh$/, { ndcg10: 0.9 }],
  [/\bxquad\/th$/, { ndcg10: 0.85 }],
  [/\bchunkspans$/, { passageRecall: 0.88 }],
];

/** How far hybrid search may stay behind the better one of its legs, whatever the collection. */
const HYBRID_SLACK = 0.005;

/** What of a report is below what it must be, in words; empty when all is well. */
export function findShortfalls(report: CollectionReport): string[] {
  const floors = FLOORS.find(([name]) => name.test(report.name))?.[1] ?? {};
  const ranking = report.rankings.find(({ mode }) => mode === 'hybrid');
  const passage = report.passages.find(({ mode }) => mode === 'hybrid');
  const judged: [score: string, value: number | undefined, floor: number | undefined][] = [
    ['nDCG@10', ranking?.ndcg10, floors.ndcg10],
    ['Recall@100', ranking?.recall100, floors.recall100],
    ['passage recall', passage?.recall, floors.passageRecall],
    ['no-answer AUC', report.answers?.noAnswerAuc, floors.noAnswerAuc],
    [
      'nDCG@10 of hybrid search beside its better leg',
      ranking?.ndcg10,
      floorOf(report.rankings.map(toScore('ndcg10'))),
    ],
    [
      'passage recall of hybrid search beside its better leg',
      passage?.recall,
      floorOf(report.passages.map(toScore('recall'))),
    ],
  ];
  return judged.flatMap(([score, value, floor]) =>
    value === undefined || floor === undefined || value >= floor
      ? []
      : [
          `${report.name} on ${report.database}: ${score} is ${value.toFixed(4)}, at least ${floor.toFixed(4)} is wanted.`,
        ],
  );
}

function toScore<Key extends string>(
  key: Key,
): (report: { mode: string } & Record<Key, number>) => { mode: string; value: number } {
  return (report) => ({ mode: report.mode, value: report[key] });
}

function floorOf(scores: readonly { mode: string; value: number }[]): number | undefined {
  const legs = scores.filter(({ mode }) => mode !== 'hybrid').map(({ value }) => value);
  return legs.length === 0 ? undefined : Math.max(...legs) - HYBRID_SLACK;
}
