import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What is left of the limits, for all replicas. `limit_counter` has one row for each limit, whatever minute it is in; the row
 * is also the lock of a limit on concurrency. `limit_seat` says how many requests each process has, or may have, under way.
 */
export class Limits1780000000008 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      create table limit_counter (
        meter text not null,
        minute bigint not null,
        used bigint not null,
        constraint limit_counter_pkey primary key (meter)
      )`);
    await queryRunner.query('create index limit_counter_minute_idx on limit_counter (minute)');
    await queryRunner.query(`
      create table limit_seat (
        meter text not null,
        instance_id text not null,
        seats bigint not null,
        constraint limit_seat_pkey primary key (meter, instance_id)
      )`);
    await queryRunner.query('create index limit_seat_instance_id_idx on limit_seat (instance_id)');
    await queryRunner.query(`
      create table limit_throttle (
        name text not null,
        hits bigint not null,
        counted bigint not null,
        ends_at timestamptz not null,
        blocked_until timestamptz,
        constraint limit_throttle_pkey primary key (name)
      )`);
    await queryRunner.query('create index limit_throttle_ends_at_idx on limit_throttle (ends_at)');
    await queryRunner.query(LIMIT_EXCHANGE);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('Migrations only go forward.'));
  }
}

/*
 * One step for a whole batch of requests. A line is a limit: `held` is null for limits of the minute, else how many seats the
 * process keeps. A take is a run of parts with the same number in `takes`, and gets all of its parts or none. Lines have to
 * come in the order of their names, which is the order in which rows are locked.
 */
const LIMIT_EXCHANGE = `
create function limit_exchange(
  asker text, dead_seconds integer, share integer,
  meters text[], limits bigint[], held bigint[], fix_minutes bigint[], fixes bigint[],
  takes integer[], take_lines integer[], amounts bigint[]
) returns jsonb language plpgsql as $$
declare
  line_count constant integer := cardinality(meters);
  part_count constant integer := cardinality(takes);
  at_ms double precision;
  this_minute bigint;
  line_minutes bigint[];
  line_used bigint[];
  own bigint[] := held;
  spares bigint[] := array_fill(0::bigint, array[line_count]);
  asked boolean[] := array_fill(false, array[line_count]);
  granted boolean[] := '{}';
  fits boolean;
  line integer;
  part integer;
  next_part integer;
begin
  -- What the last half second before a crash of the server counted may be lost; in return no request waits for the disk.
  perform set_config('synchronous_commit', 'off', true);
  insert into limit_counter (meter, minute, used)
    select given.meter, 0, 0 from unnest(meters) with ordinality as given (meter, position)
    where not exists (select from limit_counter known where known.meter = given.meter)
    order by given.position
    on conflict do nothing;
  select array_agg(locked.minute order by locked.position), array_agg(locked.used order by locked.position)
    into line_minutes, line_used
    from (
      select given.position, counter.minute, counter.used
      from unnest(meters) with ordinality as given (meter, position)
      join limit_counter counter on counter.meter = given.meter
      order by given.position
      for update of counter
    ) locked;
  if cardinality(line_minutes) is distinct from line_count then
    raise exception 'a counter was swept away meanwhile' using errcode = 'serialization_failure';
  end if;

  -- After the locks: what waited for them over the end of a minute belongs to the next one.
  at_ms := extract(epoch from clock_timestamp()) * 1000;
  this_minute := floor(at_ms / 60000);
  for line in 1 .. line_count loop
    if held[line] is not null then
      line_minutes[line] := this_minute;
      line_used[line] := held[line] + coalesce((
        select sum(seat.seats) from limit_seat seat join instance on instance.id = seat.instance_id
        where seat.meter = meters[line] and seat.instance_id <> asker
          and instance.heartbeat_at > now() - make_interval(secs => dead_seconds)
      ), 0);
    else
      -- A minute that lies further ahead was counted by a clock that has been put back since.
      if line_minutes[line] < this_minute or line_minutes[line] > this_minute + 1 then
        line_minutes[line] := this_minute;
        line_used[line] := 0;
      end if;
      if fix_minutes[line] = line_minutes[line] then
        line_used[line] := greatest(0, line_used[line] + fixes[line]);
      end if;
    end if;
  end loop;

  part := 1;
  while part <= part_count loop
    fits := true;
    next_part := part;
    while next_part <= part_count and takes[next_part] = takes[part] loop
      line := take_lines[next_part];
      asked[line] := true;
      fits := fits and line_used[line] + amounts[next_part] <= limits[line];
      next_part := next_part + 1;
    end loop;
    granted := granted || fits;
    while part < next_part loop
      if fits then
        line := take_lines[part];
        line_used[line] := line_used[line] + amounts[part];
        own[line] := own[line] + amounts[part];
      end if;
      part := part + 1;
    end loop;
  end loop;

  for line in 1 .. line_count loop
    if asked[line] and limits[line] > line_used[line] then
      spares[line] := (limits[line] - line_used[line]) / share;
      line_used[line] := line_used[line] + spares[line];
      own[line] := own[line] + spares[line];
    end if;
  end loop;

  update limit_counter counter set minute = given.minute, used = given.used
    from unnest(meters, line_minutes, line_used, held) as given (meter, minute, used, held)
    where counter.meter = given.meter and given.held is null;
  insert into limit_seat (meter, instance_id, seats)
    select given.meter, asker, given.seats from unnest(meters, own) as given (meter, seats) where given.seats > 0
    on conflict (meter, instance_id) do update set seats = excluded.seats where limit_seat.seats <> excluded.seats;
  delete from limit_seat using unnest(meters, own) as given (meter, seats)
    where limit_seat.meter = given.meter and limit_seat.instance_id = asker and given.seats = 0;
  return jsonb_build_object(
    'atMs', at_ms, 'minutes', line_minutes, 'used', line_used, 'spares', spares, 'granted', granted
  );
end
$$`;
