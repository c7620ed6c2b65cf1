import { ATTEMPT, CHARGE, namesOf, REQUEST, rowsOf, valuesOf } from './ledger-columns.js';
import { ROLL_UP, ROLL_UP_KEYS, SUM_COLUMNS, sumsOf } from './roll-up.js';

const REPLACE_REQUEST = Object.keys(REQUEST)
  .filter((name) => name !== 'id')
  .map((name) => `${name} = excluded.${name}`)
  .join(', ');

// A row that is final stays as it is: trying again is safe, and the first end that was written down is the true one.
const FINALS = `with incoming as (
  select distinct on (id) * from ${rowsOf('$1', REQUEST)}
), finals as (
  insert into usage_request (${namesOf(REQUEST)}) select ${valuesOf(REQUEST)} from incoming
  on conflict (id) do update set ${REPLACE_REQUEST} where usage_request.status = 'open'
  returning *
), final_attempts as (
  insert into usage_attempt (${namesOf(ATTEMPT)}) select ${valuesOf(ATTEMPT)} from ${rowsOf('$2', ATTEMPT)}
  where usage_request_id in (select id from finals)
  on conflict do nothing
  returning *
), rolled_up as (
  ${ROLL_UP}
)`;

const UNAPPLIED = `select id from incoming where id not in (select id from finals)`;

/**
 * Writes how requests ended ($1) with their attempts ($2), both JSON arrays, and adds those that became final by it to the
 * roll-up: in one statement and so as a whole. Returns the ids of those that were final before.
 */
export const SETTLE = `${FINALS}
${UNAPPLIED}`;

/** As SETTLE; what the requests took from budgets ($3) is settled with them, for the process ($4) that reserved it. */
export const SETTLE_CHARGES = `${FINALS}, charges as (
  insert into usage_charge (${namesOf(CHARGE)}) select ${namesOf(CHARGE)} from ${rowsOf('$3', CHARGE)}
  where usage_request_id in (select id from finals)
  on conflict (usage_request_id, budget_id, period_start)
    do update set reserved_usd = excluded.reserved_usd, spent_usd = excluded.spent_usd
  returning budget_id, period_start, reserved_usd, spent_usd
), settled as materialized (
  select settle_budget_charges($4, (select coalesce(jsonb_agg(to_jsonb(charges)), '[]') from charges))
)
${UNAPPLIED}
union all
-- Only what is read is run.
select null from settled`;

/** Writes requests that are under way ($1) and what is reserved for them ($2); those that ended stay as they are. */
export const OPEN = `with incoming as (
  select distinct on (id) * from ${rowsOf('$1', REQUEST)}
), opened as (
  insert into usage_request (${namesOf(REQUEST)}) select ${valuesOf(REQUEST)} from incoming
  on conflict (id) do update set ${REPLACE_REQUEST} where usage_request.status = 'open'
  returning id
)
insert into usage_charge (${namesOf(CHARGE)}) select ${namesOf(CHARGE)} from ${rowsOf('$2', CHARGE)}
where usage_request_id in (select id from opened)
on conflict (usage_request_id, budget_id, period_start) do update set reserved_usd = excluded.reserved_usd`;

/** What a process left under way, as entries: at most $2 of them. */
export const READ_OPEN = `select id, row_to_json(usage_request) as request,
  coalesce((select json_agg(json_build_object('usage_request_id', usage_request_id, 'budget_id', budget_id,
    'period_start', period_start, 'reserved_usd', reserved_usd::text, 'spent_usd', spent_usd::text))
    from usage_charge where usage_request_id = usage_request.id), '[]') as charges
from usage_request where instance_id = $1 and status = 'open' limit $2`;

const SUMS = SUM_COLUMNS.map((column) => `${column} = usage_rollup.${column} - part.${column}`).join(', ');

/** Takes a request ($1) out of the roll-up again. */
export const WITHDRAW_ROLL_UP = `with finals as (select * from usage_request where id = $1),
final_attempts as (select * from usage_attempt where usage_request_id = $1)
update usage_rollup set ${SUMS}
from (${sumsOf('finals', 'final_attempts')}) part
where ${ROLL_UP_KEYS.map((key) => `usage_rollup.${key} = part.${key}`).join(' and ')}`;

/** Takes back what an abandoned request ($1) was charged; what it had reserved was given back when it was abandoned. */
export const WITHDRAW_CHARGES = `with gone as (
  delete from usage_charge where usage_request_id = $1 returning budget_id, period_start, spent_usd
)
select settle_budget_charges('', (
  select coalesce(jsonb_agg(jsonb_build_object('budget_id', budget_id, 'period_start', period_start,
    'reserved_usd', '0', 'spent_usd', (-spent_usd)::text)), '[]') from gone))`;
