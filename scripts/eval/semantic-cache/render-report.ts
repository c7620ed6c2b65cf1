import { hitRate, hits, type MeasuredPair } from './measure-guards.js';

interface MeasuredSet {
  /** Pairs of which one answer is right for both. */
  readonly paraphrases: readonly MeasuredPair[];
  /** Pairs that look alike and want two answers. */
  readonly traps: readonly MeasuredPair[];
}

/** What was measured with one embedding model. */
export interface SemanticReport extends MeasuredSet {
  readonly model: string;
  /** Pairs that the guards were not written with. */
  readonly heldOut: MeasuredSet;
}

const THRESHOLDS = [0.98, 0.95, 0.9, 0.85, 0.8, 0.75, 0.7, 0.6];
// Every pair, as an embedder would have it that finds all of them alike.
const NO_THRESHOLD = -Infinity;

/** The rates by threshold, and what the guards alone do by the kind of the pairs, as Markdown. */
export function renderReport({ model, paraphrases, traps, heldOut }: SemanticReport): string {
  return [
    `### With \`${model}\``,
    ratesTable({ paraphrases, traps }),
    '### Held out',
    'Pairs that were written when the guards were finished, and changed nothing of them.',
    ratesTable(heldOut),
    '### What the guards alone let pass',
    table(['paraphrases', 'pairs', 'free', 'same'], byKind(paraphrases)),
    table(['traps', 'pairs', 'free', 'same'], byKind(traps)),
  ].join('\n\n');
}

function ratesTable({ paraphrases, traps }: MeasuredSet): string {
  const columns = [null, 'free', 'same'] as const;
  const rates = [...THRESHOLDS, NO_THRESHOLD].map((threshold) => [
    threshold === NO_THRESHOLD ? 'any' : threshold.toFixed(2),
    ...columns.map((wording) => percent(hitRate(paraphrases, threshold, wording))),
    ...columns.map((wording) => count(hits(traps, threshold, wording), traps)),
  ]);
  const head = [
    ...['similarity from', 'found, no guards', 'found, free', 'found, same'],
    ...['wrong, no guards', 'wrong, free', 'wrong, same'],
  ];
  const sizes = `${String(paraphrases.length)} paraphrases, ${String(traps.length)} traps:`;
  return `${sizes}\n\n${table(head, rates)}`;
}

function byKind(pairs: readonly MeasuredPair[]): string[][] {
  return [...Map.groupBy(pairs, ({ kind }) => kind)].map(([kind, own]) => [
    kind,
    String(own.length),
    ...(['free', 'same'] as const).map((wording) => String(hits(own, NO_THRESHOLD, wording).length)),
  ]);
}

function percent(rate: number): string {
  return `${(rate * 100).toFixed(1)} %`;
}

function count(some: readonly MeasuredPair[], all: readonly MeasuredPair[]): string {
  return `${String(some.length)} (${percent(all.length === 0 ? 0 : some.length / all.length)})`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map(() => '---'), ...rows];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
