import { partsOf, SUM_COLUMNS } from '../ledger/roll-up.js';
import { toForeignDays } from './foreign-days.js';
import type { Dimension, ReportFilters, ReportQuery, ReportRange } from './report-query.js';

/** A statement with its parameters. */
export interface Statement {
  readonly text: string;
  readonly parameters: unknown[];
}

const COLUMNS: Record<Exclude<Dimension, 'day' | 'tag'>, string> = {
  project: 'project_id',
  key: 'key_id',
  requested_model: 'requested_model',
  provider: 'provider',
  model: 'model',
};

const DAY_MS = 86_400_000;

// What was taken out of the roll-up, or counts as another day, leaves zeros behind.
const HAS_ANY = 'having sum(succeeded + failed + aborted + abandoned + attempts) <> 0';

/**
 * The statement of a report: its rows are the groups of the page and one more where there are more (`is_total` false), and
 * the sum of all groups. Groups by tag are read from the ledger, which alone has tags, all others from the roll-up.
 */
export function buildReport(query: ReportQuery): Statement {
  const parameters: unknown[] = [query.range.from, query.range.to, query.range.timeZone];
  const bind = (value: unknown): string => `$${String(parameters.push(value))}`;
  const byTag = query.groupBy.includes('tag');
  const source = byTag ? fromLedger(query.filters, bind) : fromRollup(query.range, query.groupBy, query.filters, bind);
  const names = query.groupBy.map((_, index) => `g${String(index)}`);
  const columnOf = (dimension: Dimension): string => toColumn(dimension, byTag, query.range);
  const dimensions = query.groupBy.map((dimension, index) => `${columnOf(dimension)} as g${String(index)}`);
  const sums = SUM_COLUMNS.map((column) => `coalesce(sum(${column}), 0) as ${column}`);
  const order = names.map((name) => `${name} collate "C"`).join(', ');
  const after =
    query.after === null ? '' : `where (${order}) > (${query.after.map((value) => bind(value)).join(', ')})`;
  const grouping = names.length > 0 ? ` group by ${names.join(', ')} ${HAS_ANY}` : '';
  const groups = `select ${[...dimensions, ...sums].join(', ')} ${source}${grouping}`;
  const columns = [...names, ...SUM_COLUMNS].join(', ');
  const all = [...names.map(() => 'null'), ...SUM_COLUMNS.map((column) => `coalesce(sum(${column}), 0)`)].join(', ');
  return {
    // Not every report mentions all of them, and a parameter has to have a type.
    text: `with range as (select $1::timestamptz, $2::timestamptz, $3::text), grouped as materialized (${groups}),
    named as (select ${[...names.map((name) => `${name}::text as ${name}`), ...SUM_COLUMNS].join(', ')} from grouped),
    page as (select * from named ${after} ${order && `order by ${order}`} limit ${bind(query.limit + 1)})
  select * from (
    select false as is_total, ${columns} from page union all select true, ${all} from named
  ) result order by ${['is_total', ...names.map((name) => `${name} collate "C"`)].join(', ')}`,
    parameters,
  };
}

/** Whether the report reads what is kept no longer than the ledger: its tags, and sums finer than a UTC day. */
export function readsDetails({ range, groupBy }: Pick<ReportQuery, 'range' | 'groupBy'>): boolean {
  const areMidnights = [range.from, range.to].every((time) => time.getTime() % DAY_MS === 0);
  return groupBy.includes('tag') || !areMidnights || hasForeignDays(range, groupBy);
}

function hasForeignDays({ timeZone }: ReportRange, groupBy: readonly Dimension[]): boolean {
  return groupBy.includes('day') && timeZone !== 'UTC';
}

function fromRollup(
  range: ReportRange,
  groupBy: readonly Dimension[],
  filters: ReportFilters,
  bind: (value: unknown) => string,
): string {
  if (hasForeignDays(range, groupBy)) return fromForeignDays(range, groupBy, filters, bind);
  return `from usage_rollup where (${toSpans(range, groupBy, bind)})${toConditions(filters, bind)}`;
}

// As much as possible is read from the sums by day, and what sticks out at both ends from the finer ones.
function toSpans(range: ReportRange, groupBy: readonly Dimension[], bind: (value: unknown) => string): string {
  const span = (grain: string, from: string, to: string): string =>
    `(grain = '${grain}' and starts_at >= ${from}::timestamptz and starts_at < ${to}::timestamptz)`;
  const firstMs = Math.ceil(range.from.getTime() / DAY_MS) * DAY_MS;
  const lastMs = Math.floor(range.to.getTime() / DAY_MS) * DAY_MS;
  if (firstMs > lastMs) return span('quarter', '$1', '$2');
  if (!readsDetails({ range, groupBy })) return span('day', '$1', '$2');
  const [first, last] = [bind(new Date(firstMs)), bind(new Date(lastMs))];
  return [span('quarter', '$1', first), span('day', first, last), span('quarter', last, '$2')].join(' or ');
}

function fromForeignDays(
  range: ReportRange,
  groupBy: readonly Dimension[],
  filters: ReportFilters,
  bind: (value: unknown) => string,
): string {
  const { days, moves } = toForeignDays(range);
  const names = groupBy
    .filter((dimension) => dimension !== 'day')
    .map((dimension) => toColumn(dimension, false, range));
  const sums = SUM_COLUMNS.map((column) => `sum(${column}) as ${column}`);
  const conditions = toConditions(filters, bind);
  // The spans stand there one by one, because the planner makes nothing good of a list.
  const spans = moves.map(
    ({ begins, ends }) => `starts_at >= ${bind(begins)}::timestamptz and starts_at < ${bind(ends)}::timestamptz`,
  );
  const dates = (values: readonly (string | null)[]): string => `(${bind(values)}::date[])`;
  const placeIn = (times: readonly string[]): string => `width_bucket(starts_at, ${bind(times)}::timestamptz[])`;
  return `from (
      select ${dates(days.map(({ day }) => day))}[${placeIn(days.map(({ begins }) => begins))}] as day,
        ${[...names, ...SUM_COLUMNS].join(', ')}
      from usage_rollup where grain = 'day' and starts_at >= ${bind(days[0]?.begins ?? null)}::timestamptz
        and starts_at <= ${bind(days.at(-1)?.begins ?? null)}::timestamptz${conditions}
      union all
      select side.day, ${[...names, ...SUM_COLUMNS.map((column) => `sign * ${column}`)].join(', ')}
      from (
        select ${placeIn(moves.map(({ begins }) => begins))} as place, ${[...names, ...sums].join(', ')}
        from usage_rollup where grain = 'quarter' and (${spans.join(' or ') || 'false'})${conditions}
        group by ${['place', ...names].join(', ')}
      ) moved
      cross join lateral (values
        (${dates(moves.map(({ day }) => day))}[place], 1),
        (${dates(moves.map(({ countedAs }) => countedAs))}[place], -1)
      ) as side (day, sign)
      where side.day is not null
    ) parts`;
}

function fromLedger(filters: ReportFilters, bind: (value: unknown) => string): string {
  const { projectId, keyId, provider, model } = filters;
  const ofRequest = toConditions({ projectId, keyId, provider: null, model: null }, bind);
  const ofPart = toConditions({ projectId: null, keyId: null, provider, model }, bind);
  return `from (
      with requests as not materialized (
        select * from usage_request
        where started_at >= $1::timestamptz and started_at < $2::timestamptz and status <> 'open'${ofRequest}
      ), parts as (${partsOf('requests', 'usage_attempt')})
      select parts.*, tag from parts
      cross join lateral unnest(case when cardinality(tags) = 0 then array[''] else tags end) as tag
      where true${ofPart}
    ) tagged`;
}

function toConditions(filters: ReportFilters, bind: (value: unknown) => string): string {
  const columns: [string, string | null][] = [
    ['project_id', filters.projectId],
    ['key_id', filters.keyId],
    ['provider', filters.provider],
    ['model', filters.model],
  ];
  return columns.map(([column, value]) => (value === null ? '' : ` and ${column} = ${bind(value)}`)).join('');
}

function toColumn(dimension: Dimension, byTag: boolean, { timeZone }: ReportRange): string {
  if (dimension === 'tag') return 'tag';
  if (dimension !== 'day') return COLUMNS[dimension];
  if (!byTag && timeZone !== 'UTC') return 'day';
  return `(${byTag ? 'started_at' : 'starts_at'} at time zone $3::text)::date`;
}
