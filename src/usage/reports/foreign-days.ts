import { addDays, dayOf, midnight } from './report-range.js';
import type { ReportRange } from './report-query.js';

const DAY_MS = 86_400_000;
const QUARTER_MS = 900_000;

/** A day of UTC that lies whole in the range, and the day of the time zone as which it counts. */
export interface CountedDay {
  /** RFC 3339, as all times here. */
  readonly begins: string;
  /** A date. */
  readonly day: string;
}

/** A span whose quarters of an hour are of `day`. */
export interface MovedSpan {
  readonly begins: string;
  readonly ends: string;
  readonly day: string;
  /** As what they were counted with their day of UTC; null where no such day was counted. */
  readonly countedAs: string | null;
}

interface Piece {
  readonly fromMs: number;
  readonly toMs: number;
  readonly day: string;
}

/**
 * How the days of a time zone come from the days of UTC: each of those counts as the day there that it has most of, and
 * what is of another day is moved: at most half of the time, and less the closer the zone is to UTC. Both in ascending order.
 */
export function toForeignDays(range: ReportRange): { days: CountedDay[]; moves: MovedSpan[] } {
  const days: CountedDay[] = [];
  const moves: MovedSpan[] = [];
  for (const [startMs, pieces] of byDayOfUtc(toPieces(range))) {
    const [longest] = [...pieces].sort((left, right) => lengthOf(right) - lengthOf(left));
    const isWhole = pieces.reduce((sum, piece) => sum + lengthOf(piece), 0) === DAY_MS;
    const countedAs = isWhole && longest ? longest.day : null;
    if (countedAs !== null) days.push({ begins: new Date(startMs).toISOString(), day: countedAs });
    for (const { fromMs, toMs, day } of pieces) {
      if (day === countedAs) continue;
      const [begins, ends] = [new Date(fromMs).toISOString(), new Date(toMs).toISOString()];
      moves.push({ begins, ends, day, countedAs });
    }
  }
  return { days, moves };
}

// The range, cut at the midnights there and at those of UTC.
function toPieces({ from, to, timeZone }: ReportRange): Piece[] {
  const pieces: Piece[] = [];
  let fromMs = from.getTime();
  while (fromMs < to.getTime()) {
    const day = dayOf(fromMs, timeZone);
    // A day that is there twice would never end.
    const nextMs = Math.max(midnight(addDays(day, 1), timeZone).getTime(), fromMs + QUARTER_MS);
    const toMs = Math.min(nextMs, startOfUtcDay(fromMs) + DAY_MS, to.getTime());
    pieces.push({ fromMs, toMs, day });
    fromMs = toMs;
  }
  return pieces;
}

function byDayOfUtc(pieces: readonly Piece[]): Map<number, Piece[]> {
  return Map.groupBy(pieces, ({ fromMs }) => startOfUtcDay(fromMs));
}

function startOfUtcDay(ms: number): number {
  return Math.floor(ms / DAY_MS) * DAY_MS;
}

function lengthOf({ fromMs, toMs }: Piece): number {
  return toMs - fromMs;
}
