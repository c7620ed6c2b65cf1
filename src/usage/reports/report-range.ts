import { InvalidRequestError } from '../../core/errors/app-error.js';
import type { ReportRange } from './report-query.js';

const DAY_MS = 86_400_000;
const QUARTER_MS = 900_000;
const MOST_DAYS = 400;
const DAY = /^(\d{4})-(\d{2})-(\d{2})$/;
const INSTANT = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:[Zz]|[+-]\d{2}:\d{2})$/;

export interface RangeInput {
  from?: string;
  to?: string;
  time_zone?: string;
}

/**
 * The span of a report: days of the time zone (`2026-01-31`) or RFC 3339 times on a quarter of an hour. `to` is not part of
 * it; without it the span ends with the present day, without `from` it begins `defaultDays` days before it ends. Throws
 * `invalid_query`.
 */
export function toReportRange(input: RangeInput, nowMs: number, defaultDays: number): ReportRange {
  const timeZone = toTimeZone(input.time_zone ?? 'UTC');
  const to =
    input.to === undefined ? midnight(addDays(dayOf(nowMs, timeZone), 1), timeZone) : toTime('to', input.to, timeZone);
  const from =
    input.from === undefined
      ? midnight(addDays(dayOf(to.getTime(), timeZone), -defaultDays), timeZone)
      : toTime('from', input.from, timeZone);
  if (from >= to) {
    const hint =
      input.to === undefined ? 'It must not lie in the future.' : '`to` is not part of the report: name a later one.';
    throw invalid('from', `\`from\` must be before \`to\`. ${hint}`);
  }
  if (from.getTime() < 0) throw invalid('from', '`from` must not lie before 1970.');
  if (to.getTime() - from.getTime() > MOST_DAYS * DAY_MS) {
    throw invalid('from', `A report covers at most ${String(MOST_DAYS)} days. Ask for the parts one by one.`);
  }
  return { from, to, timeZone };
}

/** A day of the time zone, or a time, in milliseconds since the epoch of any fineness. Throws `invalid_query`. */
export function toInstant(name: string, text: string, timeZone = 'UTC'): Date {
  const day = DAY.exec(text);
  if (day) {
    if (addDays(text, 0) !== text) throw invalid(name, `\`${name}\` is not a day of the calendar: ${text}.`);
    return midnight(text, timeZone);
  }
  const time = INSTANT.test(text) && addDays(text.slice(0, 10), 0) === text.slice(0, 10) ? Date.parse(text) : NaN;
  if (Number.isNaN(time)) {
    throw invalid(name, `\`${name}\` must be a day like 2026-01-31 or a time like 2026-01-31T15:00:00Z (RFC 3339).`);
  }
  return new Date(time);
}

function toTime(name: string, text: string, timeZone: string): Date {
  const time = toInstant(name, text, timeZone);
  if (time.getTime() % QUARTER_MS === 0) return time;
  throw invalid(name, `\`${name}\` must lie on a quarter of an hour (:00, :15, :30 or :45): finer sums are not kept.`);
}

function toTimeZone(name: string): string {
  try {
    const { timeZone } = new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions();
    // Offsets (`+02:00`) mean the opposite to the database, and it may not know another name of the zone.
    if (/^[A-Za-z]/.test(name)) return timeZone === 'UTC' ? timeZone : name;
  } catch {
    // Said below.
  }
  throw invalid('time_zone', '`time_zone` must be an IANA name like Europe/Berlin or UTC.');
}

/** The day `days` later; a day that the calendar does not have comes out as another one, what is no day as nothing. */
export function addDays(day: string, days: number): string {
  const time = Date.parse(`${day}T00:00:00Z`);
  return Number.isNaN(time) ? '' : new Date(time + days * DAY_MS).toISOString().slice(0, 10);
}

/** The day there at a time in milliseconds since the epoch. */
export function dayOf(ms: number, timeZone: string): string {
  return new Date(ms + offsetMs(ms, timeZone)).toISOString().slice(0, 10);
}

/** The first moment of the day there: where a clock change skips midnight, the moment of the change. */
export function midnight(day: string, timeZone: string): Date {
  const local = Date.parse(`${day}T00:00:00Z`);
  const candidates = [local - DAY_MS, local + DAY_MS].map((ms) => local - offsetMs(ms, timeZone));
  const [early = local, late = local] = candidates.sort((left, right) => left - right);
  return new Date(dayOf(early, timeZone) === day ? early : late);
}

function offsetMs(ms: number, timeZone: string): number {
  if (timeZone === 'UTC') return 0;
  const parts = formatOf(timeZone).formatToParts(ms);
  const part = (type: Intl.DateTimeFormatPartTypes): number =>
    Number(parts.find((found) => found.type === type)?.value);
  const local = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
  return local - Math.floor(ms / 1_000) * 1_000;
}

// Making one takes longer than using it a hundred times, and a report asks for one zone.
let lastFormat: { readonly timeZone: string; readonly format: Intl.DateTimeFormat } | null = null;

function formatOf(timeZone: string): Intl.DateTimeFormat {
  if (lastFormat?.timeZone === timeZone) return lastFormat.format;
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    era: 'short',
    ...{ year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' },
  });
  lastFormat = { timeZone, format };
  return format;
}

function invalid(param: string, message: string): InvalidRequestError {
  return new InvalidRequestError('invalid_query', message, { param, details: [{ path: param, message }] });
}
