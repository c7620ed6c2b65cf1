/** A piece of a document, as offsets into its text, half-open. */
interface Span {
  document: string;
  start: number;
  end: number;
}

/** How well what was found covers what should have been. */
export interface SpanScores {
  /** Share of the characters looked for that were found. */
  recall: number;
  /** Characters both looked for and found, over those that are either. */
  iou: number;
}

/** Compares spans by characters; what overlaps is counted once. */
export function scoreSpans(gold: readonly Span[], found: readonly Span[]): SpanScores {
  const wanted = merge(gold);
  const had = merge(found);
  const both = overlap(wanted, had);
  const size = (spans: readonly Span[]): number => spans.reduce((sum, span) => sum + span.end - span.start, 0);
  const either = size(wanted) + size(had) - both;
  return { recall: size(wanted) === 0 ? 0 : both / size(wanted), iou: either === 0 ? 0 : both / either };
}

/** Whether one of the spans holds the other whole. */
export function isWithin(inner: Span, spans: readonly Span[]): boolean {
  return spans.some((span) => span.document === inner.document && span.start <= inner.start && inner.end <= span.end);
}

function merge(spans: readonly Span[]): Span[] {
  const merged: Span[] = [];
  for (const span of [...spans].sort(inOrder)) {
    const last = merged.at(-1);
    if (last?.document === span.document && span.start <= last.end) last.end = Math.max(last.end, span.end);
    else merged.push({ ...span });
  }
  return merged;
}

function inOrder(left: Span, right: Span): number {
  if (left.document !== right.document) return left.document < right.document ? -1 : 1;
  return left.start - right.start;
}

function overlap(left: readonly Span[], right: readonly Span[]): number {
  let sum = 0;
  for (const one of left) {
    for (const other of right) {
      if (one.document !== other.document) continue;
      sum += Math.max(0, Math.min(one.end, other.end) - Math.max(one.start, other.start));
    }
  }
  return sum;
}
