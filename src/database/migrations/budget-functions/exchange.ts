/**
 * One exchange of a process with its budgets: first it gives back what it no longer needs of its reservations, then each of
 * its requests is let in or not, in their order, all or nothing, and at last it may take a lease: a slice to spend without
 * asking. Everything by the clock of the database.
 *
 * - `p_sequence` counts the process's exchanges from 1. The last one asked for again gets the answer it had, and has no
 *   second effect. `{"lost": true}` says that nothing is known of the process any more: it was taken for dead, and all that
 *   it held was given back.
 * - `p_returns`: [{"budget_id", "period_start", "usd"}], at most one for each window, with all that is left of its lease.
 * - `p_accounts`: [{"budget_id", "period_start", "lease_usd"}], `period_start` null for the window that runs now.
 * - `p_asks`: [{"usd", "uses"}], `uses` being places in `p_accounts` from 1.
 *
 * The answer's `accounts` are in the order of `p_accounts`: null where there is no such budget any more, which limits nothing;
 * else its window, its amounts after the exchange, the lease, and how long leases of others have to be waited for. Its `lacking` is in the
 * order of `p_asks`: null for a request that was let in, else the place of the first budget that had not enough left.
 */
export const EXCHANGE_FUNCTION = `
create function exchange_budgets(
  p_instance text, p_sequence bigint, p_returns jsonb, p_accounts jsonb, p_asks jsonb, p_lease_ms integer
) returns jsonb language plpgsql as $$
declare
  v_known budget_exchange;
  v_row record;
  v_ids text[];
  v_starts timestamptz[];
  v_ends timestamptz[];
  v_first integer[];
  v_caps numeric[];
  v_spent numeric[];
  v_used numeric[];
  v_taken numeric[];
  v_most numeric[];
  v_wanted numeric[];
  v_may_lease boolean[];
  v_leases numeric[];
  v_waiting integer[] := '{}';
  v_waits integer[];
  v_lacking jsonb := '[]';
  v_answer jsonb;
  v_usd numeric;
  v_place integer;
  v_short integer;
begin
  insert into budget_exchange (instance_id, sequence) values (p_instance, 0) on conflict do nothing;
  if found and p_sequence > 1 then
    update budget_exchange set sequence = p_sequence, answer = '{"lost": true}' where instance_id = p_instance;
  end if;
  select * into v_known from budget_exchange where instance_id = p_instance for update;
  if v_known.sequence >= p_sequence then return v_known.answer; end if;

  select array_agg(account.budget_id order by n), array_agg(coalesce(account.period_start, wndw.starts) order by n),
         array_agg(wndw.ends order by n), array_agg(budget.amount_usd order by n),
         array_agg(coalesce(account.lease_usd, 0) order by n), array_agg(0::numeric order by n)
    into v_ids, v_starts, v_ends, v_caps, v_wanted, v_taken
    from rows from (jsonb_to_recordset(p_accounts) as (budget_id text, period_start timestamptz, lease_usd numeric))
         with ordinality as account(budget_id, period_start, lease_usd, n)
    left join budget on budget.id = account.budget_id and budget.retired_at is null
    left join lateral budget_window_at(budget.budget_window, budget.time_zone, now()) as wndw on budget.id is not null;
  v_most := v_taken;
  v_leases := v_taken;
  -- A window may be there twice, as the one that runs now and by its name.
  select array_agg(first order by n) into v_first
    from (select n, min(n) over (partition by id, starts) as first
            from unnest(v_ids, v_starts) with ordinality as account(id, starts, n)) named;

  insert into budget_period (budget_id, period_start)
    select distinct id, starts from unnest(v_ids, v_starts, v_caps) as account(id, starts, cap)
     where cap is not null order by 1, 2
    on conflict do nothing;
  perform 1 from budget_period period
    where (period.budget_id, period.period_start) in (
      select id, starts from unnest(v_ids, v_starts) as account(id, starts)
      union all
      select * from jsonb_to_recordset(p_returns) as given(budget_id text, period_start timestamptz)
    )
    order by period.budget_id, period.period_start
      for update;

  for v_row in
    select hold.budget_id, hold.period_start, least(given.usd, hold.held_usd) as usd
      from jsonb_to_recordset(p_returns) as given(budget_id text, period_start timestamptz, usd numeric)
      join budget_hold hold using (budget_id, period_start)
     where hold.instance_id = p_instance
  loop
    update budget_hold set held_usd = held_usd - v_row.usd, leased_until = null
     where instance_id = p_instance and budget_id = v_row.budget_id and period_start = v_row.period_start;
    update budget_period set reserved_usd = reserved_usd - v_row.usd
     where budget_id = v_row.budget_id and period_start = v_row.period_start;
  end loop;

  select array_agg(coalesce(period.spent_usd, 0) order by n),
         array_agg(coalesce(period.spent_usd + period.reserved_usd, 0) order by n),
         array_agg(period.no_leases_until is null or period.no_leases_until < now() order by n)
    into v_spent, v_used, v_may_lease
    from unnest(v_ids, v_starts) with ordinality as account(id, starts, n)
    left join budget_period period on period.budget_id = account.id and period.period_start = account.starts;

  for v_row in select * from jsonb_to_recordset(p_asks) as ask(usd numeric, uses integer[]) loop
    v_short := null;
    foreach v_place in array v_row.uses loop
      v_place := v_first[v_place];
      if v_row.usd > 0 and v_used[v_place] + v_taken[v_place] + v_row.usd > v_caps[v_place] then
        v_short := v_place;
        -- Leases that come back can only help where not all is spent.
        if v_spent[v_place] + v_row.usd <= v_caps[v_place] then v_waiting := v_waiting || v_place; end if;
        exit;
      end if;
    end loop;
    v_lacking := v_lacking || coalesce(to_jsonb(v_short), 'null');
    foreach v_place in array v_row.uses loop
      v_place := v_first[v_place];
      v_most[v_place] := greatest(v_most[v_place], v_row.usd);
      if v_short is null then v_taken[v_place] := v_taken[v_place] + v_row.usd; end if;
    end loop;
  end loop;

  for v_place in 1 .. coalesce(array_length(v_ids, 1), 0) loop
    v_usd := v_caps[v_place] - v_used[v_place] - v_taken[v_place];
    if v_first[v_place] = v_place and v_wanted[v_place] > 0 and v_may_lease[v_place] and v_ends[v_place] > now()
       and v_usd >= 20 * v_most[v_place] and v_usd > 0 then
      v_leases[v_place] := least(v_wanted[v_place], trunc(v_usd / 10, 10));
    end if;
  end loop;

  -- Who leased has a moment more to give back what was not used.
  select array_agg(coalesce(ceil(extract(epoch from others.until - now()) * 1000), 0)::integer order by n) into v_waits
    from unnest(v_ids, v_starts) with ordinality as account(id, starts, n)
    left join lateral (
      select max(hold.leased_until) + interval '250 milliseconds' as until from budget_hold hold
       where hold.budget_id = account.id and hold.period_start = account.starts and hold.instance_id <> p_instance
         and hold.leased_until + interval '250 milliseconds' > now()
    ) others on n = any(v_waiting);
  -- Whoever waits for leases to end must not wait for new ones.
  update budget_period period set no_leases_until = now() + make_interval(secs => p_lease_ms * 2 / 1000.0)
    from unnest(v_ids, v_starts, v_waits) as account(id, starts, wait)
   where account.wait > 0
     and period.budget_id = account.id and period.period_start = account.starts;

  update budget_period period set reserved_usd = period.reserved_usd + account.taken + account.lease
    from unnest(v_ids, v_starts, v_caps, v_taken, v_leases) as account(id, starts, cap, taken, lease)
   where account.cap is not null and account.taken + account.lease > 0
     and period.budget_id = account.id and period.period_start = account.starts;
  insert into budget_hold as hold (instance_id, budget_id, period_start, held_usd, leased_until)
    select p_instance, id, starts, taken + lease,
           case when lease > 0 then least(now() + make_interval(secs => p_lease_ms / 1000.0), ends) end
      from unnest(v_ids, v_starts, v_ends, v_caps, v_taken, v_leases) as account(id, starts, ends, cap, taken, lease)
     where cap is not null and taken + lease > 0
     order by id, starts
    on conflict (budget_id, period_start, instance_id) do update
      set held_usd = hold.held_usd + excluded.held_usd,
          leased_until = excluded.leased_until;

  select jsonb_build_object('lacking', v_lacking, 'accounts', coalesce(jsonb_agg(
           case when account.cap is not null then jsonb_build_object(
             'period_start', to_char(account.starts at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
             'period_end', case when isfinite(account.ends)
               then to_char(account.ends at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') end,
             'ends_in_ms', case when isfinite(account.ends)
               then floor(extract(epoch from account.ends - now()) * 1000)::bigint end,
             'amount_usd', account.cap::text, 'spent_usd', period.spent_usd::text,
             'reserved_usd', period.reserved_usd::text, 'lease_usd', account.lease::numeric(20,10)::text,
             'others_lease_ms', account.wait
           ) end order by account.n), '[]'))
    into v_answer
    from unnest(v_ids, v_starts, v_ends, v_caps, v_leases, v_waits) with ordinality
         as account(id, starts, ends, cap, lease, wait, n)
    left join budget_period period on period.budget_id = account.id and period.period_start = account.starts;
  update budget_exchange set sequence = p_sequence, answer = v_answer where instance_id = p_instance;
  return v_answer;
end $$`;
