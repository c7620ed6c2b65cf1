import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Clock } from '../../core/clock.js';
import { within } from '../../core/within.js';
import type { ThrottleCounter, ThrottleHit, ThrottleStanding } from './throttle-counter.js';

const TIMEOUT_MS = 5_000;

const COUNT = `
  insert into limit_throttle as known (name, hits, counted, ends_at, blocked_until)
  select name, times, times, now() + make_interval(secs => (case when times > most then block_ms else window_ms end) / 1000.0),
    case when times > most then now() + make_interval(secs => block_ms / 1000.0) end
  from unnest($1::text[], $2::bigint[], $3::float8[], $4::bigint[], $5::float8[]) as hit (name, times, window_ms, most, block_ms)
  order by name
  on conflict (name) do update set (hits, counted, ends_at, blocked_until) = (
    select next.hits, next.counted,
      case when next.is_new_block then clock_timestamp() + make_interval(secs => hit.block_ms / 1000.0)
        when next.is_new_window then clock_timestamp() + make_interval(secs => hit.window_ms / 1000.0)
        else known.ends_at end,
      case when next.is_new_block then clock_timestamp() + make_interval(secs => hit.block_ms / 1000.0)
        when next.is_new_window then null
        else known.blocked_until end
    from unnest($1::text[], $2::bigint[], $3::float8[], $4::bigint[], $5::float8[])
        as hit (name, times, window_ms, most, block_ms),
      lateral (select coalesce(known.blocked_until > clock_timestamp(), false) as is_blocked,
        known.ends_at <= clock_timestamp() as is_over) as was,
      lateral (select
        case when was.is_blocked then known.hits when was.is_over then hit.times else known.hits + hit.times end as hits,
        case when was.is_blocked then 0 else hit.times end as counted) as sum,
      lateral (select sum.hits, sum.counted, not was.is_blocked and sum.hits > hit.most as is_new_block,
        not was.is_blocked and was.is_over as is_new_window) as next
    where hit.name = known.name
  )
  returning name, hits::float8 as hits, counted::float8 as counted,
    extract(epoch from ends_at - clock_timestamp())::float8 * 1000 as "endsInMs",
    coalesce(greatest(0, extract(epoch from blocked_until - clock_timestamp())), 0)::float8 * 1000 as "blockedForMs"`;

/** Counts in the database; each name has one row, which goes when its window is over. */
@Injectable()
export class PostgresThrottleCounter implements ThrottleCounter {
  constructor(
    private readonly dataSource: DataSource,
    private readonly clock: Clock,
  ) {}

  async count(hits: readonly ThrottleHit[]): Promise<readonly ThrottleStanding[]> {
    const rows = await within(
      this.dataSource.query<(ThrottleStanding & { name: string })[]>(COUNT, [
        hits.map(({ name }) => name),
        hits.map(({ times }) => times),
        hits.map(({ windowMs }) => windowMs),
        hits.map(({ limit }) => limit),
        hits.map(({ blockMs }) => blockMs),
      ]),
      TIMEOUT_MS,
      this.clock,
    );
    const byName = new Map(rows.map((row) => [row.name, row]));
    return hits.map(({ name }) => {
      const row = byName.get(name);
      if (!row) throw new Error('The database did not answer for a name that was counted.');
      return row;
    });
  }
}
