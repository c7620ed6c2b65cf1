import { ROLL_UP_KEYS, SUM_COLUMNS, sumsOf, TOKEN_COLUMNS } from './roll-up.js';

/** Runs one statement and resolves to its rows. */
export type RunQuery = (sql: string) => Promise<unknown[]>;

/** Something that the ledger and its counters do not agree about. */
export interface LedgerProblem {
  /** The rule that is broken, in words. */
  readonly rule: string;
  /** Where: some of the rows that show it. */
  readonly examples: readonly unknown[];
}

interface Rule {
  readonly rule: string;
  readonly sql: string;
}

const EXAMPLES = 5;
const FINAL = `(select * from usage_request where status <> 'open')`;
const KEYS = ROLL_UP_KEYS.join(', ');

const ATTEMPT_SUMS = TOKEN_COLUMNS.map((column) => `coalesce(sum(a.${column}), 0) as ${column}`).join(', ');
const REQUEST_SUMS = TOKEN_COLUMNS.map((column) => `r.${column}`).join(', ');

const RULES: readonly Rule[] = [
  {
    rule: 'Attempts and charges belong to a request.',
    sql: `select usage_request_id from (
        select usage_request_id from usage_attempt union all select usage_request_id from usage_charge
      ) part where not exists (select from usage_request r where r.id = part.usage_request_id)`,
  },
  {
    rule: 'A request has the tokens and the cost of its attempts.',
    sql: `select r.id, r.status, r.cost_usd, s.cost_usd as attempts_cost_usd
      from ${FINAL} r cross join lateral (
        select ${ATTEMPT_SUMS}, case when coalesce(bool_or(a.cost_usd is null), false) then null
          else coalesce(sum(a.cost_usd), 0) end as cost_usd
        from usage_attempt a where a.usage_request_id = r.id
      ) s
      where r.cost_usd is distinct from s.cost_usd
        or (${REQUEST_SUMS}) is distinct from (${TOKEN_COLUMNS.map((column) => `s.${column}`).join(', ')})`,
  },
  {
    rule: 'What a budget spent is the sum of what requests took from it.',
    sql: `select p.budget_id, p.period_start, p.spent_usd, coalesce(c.spent_usd, 0) as charged_usd
      from budget_period p left join (
        select budget_id, period_start, sum(spent_usd) as spent_usd from (
          select budget_id, period_start, spent_usd from usage_charge
          union all select budget_id, period_start, spent_usd from usage_charge_archive
        ) charged group by budget_id, period_start
      ) c using (budget_id, period_start)
      where p.spent_usd <> coalesce(c.spent_usd, 0)`,
  },
  {
    rule: 'What is reserved of a budget is held by some process.',
    sql: `select p.budget_id, p.period_start, p.reserved_usd, coalesce(h.held_usd, 0) as held_usd
      from budget_period p left join (
        select budget_id, period_start, sum(held_usd) as held_usd from budget_hold group by budget_id, period_start
      ) h using (budget_id, period_start)
      where p.reserved_usd <> coalesce(h.held_usd, 0)`,
  },
  {
    rule: 'The roll-up is the sum of the ledger.',
    sql: `with ledger as (${sumsOf(FINAL, 'usage_attempt')})
      select ${KEYS}, l.cost_usd as ledger_usd, r.cost_usd as rollup_usd
      from ledger l full join usage_rollup r using (${KEYS})
      where starts_at >= coalesce((select max(deleted_before) from usage_retention), '-infinity')
        and (${SUM_COLUMNS.map((column) => `coalesce(l.${column}, 0)`).join(', ')})
          is distinct from (${SUM_COLUMNS.map((column) => `coalesce(r.${column}, 0)`).join(', ')})`,
  },
];

// What a living process has under way is no problem while it lives.
const LIVE = `(select id from instance where heartbeat_at > now() - interval '30 seconds')`;

const AT_REST: readonly Rule[] = [
  {
    rule: 'No request is left open.',
    sql: `select id, request_id, instance_id, started_at from usage_request where status = 'open'`,
  },
  {
    rule: 'Nothing is left reserved.',
    sql: `select instance_id, budget_id, period_start, held_usd from budget_hold where held_usd <> 0`,
  },
];

/**
 * Proves that the ledger adds up, whatever is under way: attempts to requests, charges to what budgets spent, reservations to who holds
 * them, all of it to the roll-up. Resolves to what is wrong, nothing when all is right. Run it in one transaction that sees
 * one state of the database.
 */
export function checkSums(query: RunQuery): Promise<LedgerProblem[]> {
  return findBroken(query, RULES);
}

/** As `checkSums`, and that no process left anything under way but, without `atRest`, the living ones. */
export async function checkLedger(query: RunQuery, options: { atRest: boolean }): Promise<LedgerProblem[]> {
  const left = options.atRest
    ? AT_REST
    : AT_REST.map(({ rule, sql }) => ({
        rule,
        sql: `select * from (${sql}) left_over where instance_id not in ${LIVE}`,
      }));
  return [...(await checkSums(query)), ...(await findBroken(query, left))];
}

async function findBroken(query: RunQuery, rules: readonly Rule[]): Promise<LedgerProblem[]> {
  const problems: LedgerProblem[] = [];
  for (const { rule, sql } of rules) {
    const examples = await query(`select * from (${sql}) problem limit ${String(EXAMPLES)}`);
    if (examples.length > 0) problems.push({ rule, examples });
  }
  return problems;
}
