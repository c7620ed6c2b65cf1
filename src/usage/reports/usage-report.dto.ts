import { toCursor } from './report-cursor.js';
import type { Dimension, ReportGroup, ReportQuery, UsageReport, UsageSums } from './report-query.js';
import { toCsv } from './to-csv.js';

/** Requests by how they ended. */
export class RequestCountsDto {
  /** All of them. */
  total!: number;
  succeeded!: number;
  failed!: number;
  /** The client left first. */
  aborted!: number;
  /** The process that served them died. */
  abandoned!: number;
}

/** Tokens by what they were billed as. */
export class ReportTokensDto {
  /** All prompt tokens. */
  input_tokens!: number;
  /** Of them, read from the provider's prompt cache. */
  cached_input_tokens!: number;
  /** Of them, written to the provider's prompt cache for five minutes. */
  cache_write_5m_tokens!: number;
  /** Of them, written to the provider's prompt cache for an hour. */
  cache_write_1h_tokens!: number;
  /** Of them, images. */
  image_input_tokens!: number;
  /** Of them, sound. */
  audio_input_tokens!: number;
  /** All completion tokens. */
  output_tokens!: number;
  /** Of them, spent on reasoning. */
  reasoning_tokens!: number;
  /** Of them, sound. */
  audio_output_tokens!: number;
  /** Of them, images. */
  image_output_tokens!: number;
  /** Prompt and completion together. */
  total_tokens!: number;
  /** Images that were made. */
  images!: number;
  /** Seconds of sound that were listened to. */
  audio_input_seconds!: number;
  /** Seconds of sound that were made. */
  audio_output_seconds!: number;
  /** Characters that were read aloud. */
  characters!: number;
  /** Searches that were reranked. */
  searches!: number;
}

/** What was used and what it cost. */
export class UsageSumsDto {
  requests!: RequestCountsDto;
  /** Requests sent to providers. */
  attempts!: number;
  usage!: ReportTokensDto;
  /** USD of everything with a known price; null when there was something, and nothing of it has one. */
  cost_usd!: number | null;
  /** How much of `attempts` has no known price and is not in `cost_usd`. */
  unpriced_attempts!: number;
  /** How much of `attempts` was counted here, at least in part, because the provider did not say. */
  estimated_attempts!: number;
}

/** A group of a report; of the fields that name it, it has those of `group_by`. */
export class UsageGroupDto extends UsageSumsDto {
  /** In the time zone of the report. */
  day?: string;
  project_id?: string;
  key_id?: string;
  /** The model as clients named it. */
  requested_model?: string;
  /** The provider's name in the configuration; null when nobody was asked. */
  provider?: string | null;
  /** The provider's own name of the model; null when nobody was asked. */
  model?: string | null;
  /** A label of `x-trunkline-tags`; null for requests without any. */
  tag?: string | null;
}

/** A report of usage and cost. */
export class UsageReportDto {
  /** Always `usage_report`. */
  object!: 'usage_report';
  /** When it begins (RFC 3339). */
  from!: string;
  /** When it ends (RFC 3339), not part of it. */
  to!: string;
  /** Whose midnights begin the days. */
  time_zone!: string;
  group_by!: string[];
  /** In ascending order of what they are grouped by. */
  data!: UsageGroupDto[];
  /** All groups together, on whatever page; null by tag, where a request with two tags counts in two groups. */
  totals!: UsageSumsDto | null;
  has_more!: boolean;
  /** What `after` takes to get the next page; null on the last. */
  next_after!: string | null;
}

const FIELDS = {
  day: 'day',
  project: 'project_id',
  key: 'key_id',
  requested_model: 'requested_model',
  provider: 'provider',
  model: 'model',
  tag: 'tag',
} as const satisfies Record<Dimension, keyof UsageGroupDto>;

/** A report in the form of the API. */
export function toUsageReportDto({ range, groupBy }: ReportQuery, report: UsageReport): UsageReportDto {
  const last = report.groups.at(-1);
  return {
    object: 'usage_report',
    from: range.from.toISOString(),
    to: range.to.toISOString(),
    time_zone: range.timeZone,
    group_by: [...groupBy],
    data: report.groups.map((group) => Object.assign(toNames(groupBy, group), toSumsDto(group.sums))),
    totals: report.totals && toSumsDto(report.totals),
    has_more: report.hasMore,
    next_after: report.hasMore && last ? toCursor(last.values) : null,
  };
}

/** A report as CSV, amounts of money to the last digit. */
export function toUsageCsv({ groupBy }: ReportQuery, { groups }: UsageReport): string {
  const [first] = groups;
  const columns = Object.keys(toNumbers(first?.sums ?? null));
  return toCsv(
    [...groupBy.map((dimension) => FIELDS[dimension]), ...columns],
    groups.map(({ values, sums }) => [...values, ...(Object.values(toNumbers(sums)) as (string | number)[])]),
  );
}

function toNames(groupBy: readonly Dimension[], { values }: ReportGroup): Partial<UsageGroupDto> {
  return Object.fromEntries(
    groupBy.map((dimension, index) => [FIELDS[dimension], values[index] === '' ? null : values[index]]),
  );
}

function toSumsDto(sums: UsageSums): UsageSumsDto {
  const { succeeded, failed, aborted, abandoned } = sums;
  const cost = costOf(sums);
  return {
    requests: { total: succeeded + failed + aborted + abandoned, succeeded, failed, aborted, abandoned },
    attempts: sums.attempts,
    usage: toTokensDto(sums),
    cost_usd: cost === '' ? null : Number(cost),
    unpriced_attempts: sums.unpriced,
    estimated_attempts: sums.estimated,
  };
}

function toTokensDto(sums: UsageSums): ReportTokensDto {
  const { cachedInputTokens, cacheWrite5mTokens, cacheWrite1hTokens, imageInputTokens, audioInputTokens } = sums;
  const cached = cachedInputTokens + cacheWrite5mTokens + cacheWrite1hTokens;
  const input = sums.inputTokens + cached + imageInputTokens + audioInputTokens;
  const output = sums.outputTokens + sums.reasoningTokens + sums.audioOutputTokens + sums.imageOutputTokens;
  return {
    input_tokens: input,
    cached_input_tokens: cachedInputTokens,
    cache_write_5m_tokens: cacheWrite5mTokens,
    cache_write_1h_tokens: cacheWrite1hTokens,
    image_input_tokens: imageInputTokens,
    audio_input_tokens: audioInputTokens,
    output_tokens: output,
    reasoning_tokens: sums.reasoningTokens,
    audio_output_tokens: sums.audioOutputTokens,
    image_output_tokens: sums.imageOutputTokens,
    total_tokens: input + output,
    images: sums.images,
    audio_input_seconds: sums.audioInputSeconds,
    audio_output_seconds: sums.audioOutputSeconds,
    characters: sums.characters,
    searches: sums.searches,
  };
}

const NOTHING: UsageSums = {
  ...{ succeeded: 0, failed: 0, aborted: 0, abandoned: 0, attempts: 0, estimated: 0, unpriced: 0 },
  ...{ inputTokens: 0, cachedInputTokens: 0, cacheWrite5mTokens: 0, cacheWrite1hTokens: 0 },
  ...{ outputTokens: 0, reasoningTokens: 0, imageInputTokens: 0, audioInputTokens: 0, audioOutputTokens: 0 },
  ...{ imageOutputTokens: 0, images: 0, audioInputSeconds: 0, audioOutputSeconds: 0, characters: 0, searches: 0 },
  costUsd: '0.0000000000',
};

function toNumbers(sums: UsageSums | null): object {
  const { requests, attempts, usage, unpriced_attempts, estimated_attempts } = toSumsDto(sums ?? NOTHING);
  const { total, ...statuses } = requests;
  const cost_usd = costOf(sums ?? NOTHING);
  return Object.assign({ requests: total, ...statuses, attempts }, usage, {
    estimated_attempts,
    unpriced_attempts,
    cost_usd,
  });
}

// What has no known price did not cost nothing.
function costOf({ costUsd, unpriced }: UsageSums): string {
  return unpriced > 0 && /^0\.0*$/.test(costUsd) ? '' : costUsd;
}
