/**
 * Where the window of a time zone that holds the instant `at` begins and ends. Of a midnight that a change of the clocks
 * makes twice the first counts; one that it leaves out is the instant of the change. A zone that this server does not know
 * (its budget was made on another) is UTC.
 */
export const WINDOW_FUNCTION = `
create function budget_window_at(
  p_window text, p_time_zone text, p_at timestamptz, out starts timestamptz, out ends timestamptz
) language plpgsql stable as $$
declare
  v_zone text := p_time_zone;
  v_first timestamp;
begin
  if p_window = 'total' then
    starts := timestamptz 'epoch';
    ends := timestamptz 'infinity';
    return;
  end if;
  begin
    v_first := date_trunc(p_window, p_at at time zone v_zone);
  exception when invalid_parameter_value then
    v_zone := 'UTC';
    v_first := date_trunc(p_window, p_at at time zone v_zone);
  end;
  starts := v_first at time zone v_zone;
  if (starts - interval '1 hour') at time zone v_zone >= v_first then starts := starts - interval '1 hour'; end if;
  v_first := v_first + ('1 ' || p_window)::interval;
  ends := v_first at time zone v_zone;
  if (ends - interval '1 hour') at time zone v_zone >= v_first then ends := ends - interval '1 hour'; end if;
end $$`;

/**
 * Settles charges, a JSON array of {"budget_id", "period_start", "reserved_usd", "spent_usd"} with money as strings: what
 * each had reserved goes back, as far as the process that reserved it still holds as much (else it was given back for it),
 * and what it spent is spent. What it spent above its reservation is overage.
 */
export const SETTLE_FUNCTION = `
create function settle_budget_charges(p_instance text, p_charges jsonb) returns void language plpgsql as $$
declare
  v_charge record;
  v_back numeric;
begin
  for v_charge in
    select period.budget_id, period.period_start, charge.reserved, charge.spent, charge.overage
      from budget_period period
      join (
        select row.budget_id, row.period_start, sum(row.reserved_usd) as reserved, sum(row.spent_usd) as spent,
               sum(greatest(row.spent_usd - row.reserved_usd, 0)) as overage
          from jsonb_to_recordset(p_charges)
               as row(budget_id text, period_start timestamptz, reserved_usd numeric, spent_usd numeric)
         group by 1, 2
      ) charge using (budget_id, period_start)
     order by period.budget_id, period.period_start
       for update of period
  loop
    select least(v_charge.reserved, held_usd) into v_back
      from budget_hold
     where instance_id = p_instance and budget_id = v_charge.budget_id and period_start = v_charge.period_start;
    v_back := coalesce(v_back, 0);
    update budget_hold set held_usd = held_usd - v_back
     where instance_id = p_instance and budget_id = v_charge.budget_id and period_start = v_charge.period_start;
    update budget_period
       set spent_usd = spent_usd + v_charge.spent,
           reserved_usd = reserved_usd - v_back,
           overage_usd = overage_usd + v_charge.overage
     where budget_id = v_charge.budget_id and period_start = v_charge.period_start;
  end loop;
end $$`;

/** Gives back whatever a process holds and forgets the process, which is dead or has nothing under way. */
export const RETURN_HOLDS_FUNCTION = `
create function return_budget_holds(p_instance text) returns void language plpgsql as $$
begin
  -- Waits for an exchange of the process that still runs.
  delete from budget_exchange where instance_id = p_instance;
  perform 1 from budget_period period
    where exists (
      select from budget_hold hold
       where hold.instance_id = p_instance
         and hold.budget_id = period.budget_id and hold.period_start = period.period_start
    )
    order by period.budget_id, period.period_start
      for update;
  with gone as (
    delete from budget_hold where instance_id = p_instance returning budget_id, period_start, held_usd
  )
  update budget_period period
     set reserved_usd = period.reserved_usd - gone.held_usd
    from gone
   where period.budget_id = gone.budget_id and period.period_start = gone.period_start;
end $$`;
