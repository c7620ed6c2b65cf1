import fc from 'fast-check';
import { addUsage, tokenUsage, type TokenUsage } from '../../src/core/chat/token-usage.js';
import { addMoney, NO_MONEY, toMoney } from '../../src/core/money.js';
import type { AttemptRecord, LedgerRecord } from '../../src/usage/ledger/ledger-record.js';

/** Requests that arrive within three days around this moment. */
export const RECORDS_AROUND = Date.parse('2026-03-29T00:00:00Z');

const tokens = fc.oneof({ weight: 3, arbitrary: fc.nat(100_000) }, fc.constant(0));
const units = fc.record(
  { image: tokens, audioInputSecond: tokens, audioOutputSecond: tokens, character: tokens, search: tokens },
  { requiredKeys: [] },
);
const media = fc.record({ imageOutput: tokens, units });
const usage: fc.Arbitrary<TokenUsage> = fc
  .record({
    input: tokens,
    cachedInput: tokens,
    cacheWrite5m: tokens,
    cacheWrite1h: tokens,
    output: tokens,
    reasoning: tokens,
    imageInput: tokens,
    audioInput: tokens,
    audioOutput: tokens,
  })
  .chain((counts) => fc.boolean().map((estimated) => tokenUsage(estimated ? { ...counts, estimated } : counts)))
  .chain((counts) => fc.option(media, { nil: {} }).map((more) => ({ ...counts, ...more })));
const money = fc.bigInt({ min: 0n, max: 10n ** 13n }).map((scaled) => toMoney(scaled, 10));
const target = fc.constantFrom(['openai', 'gpt-4o'], ['claude', 'sonnet'], ['lab', 'gpt-4o'], ['lab', 'l\'lama,"x']);

const attempt = fc.record({
  target,
  usage,
  costUsd: fc.oneof({ weight: 4, arbitrary: money }, fc.constant(null)),
  failed: fc.boolean(),
});

/** Any final request of the default project; `ids` makes their names differ between runs. */
export const ledgerRecord: fc.Arbitrary<LedgerRecord> = fc
  .record({
    id: fc.uuid(),
    key: fc.constantFrom('key_a', 'key_b'),
    requestedModel: fc.constantFrom('smart', 'openai/gpt-4o', 'smärt 💥'),
    status: fc.constantFrom('succeeded', 'failed', 'aborted', 'abandoned'),
    tags: fc.subarray(['team-a', 'team-b', '=evil']),
    offsetMs: fc.integer({ min: -129_600_000, max: 129_600_000 }),
    attempts: fc.array(attempt, { maxLength: 3 }),
    alone: fc.tuple(usage, money),
  })
  .map((parts) => {
    const attempts = parts.attempts.map((each, index): AttemptRecord => ({
      n: index + 1,
      provider: each.target[0],
      model: each.target[1],
      credential: null,
      outcome: each.failed ? 'failed' : 'succeeded',
      errorKind: null,
      usage: each.usage,
      costUsd: each.costUsd,
      ...{ durationMs: 1, offsetMs: 0, firstContentMs: null, purpose: null, isAside: false },
    }));
    const last = attempts.at(-1);
    const [aloneUsage, aloneCost] = parts.alone;
    return {
      ...{ id: parts.id, requestId: `req_${parts.id}`, projectId: 'proj_default', keyId: parts.key },
      ...{ surface: 'openai', operation: 'chat', requestedModel: parts.requestedModel },
      ...{ provider: last?.provider ?? null, model: last?.model ?? null, status: parts.status, errorCode: null },
      usage: attempts.length === 0 ? aloneUsage : attempts.map((each) => each.usage).reduce(addUsage, tokenUsage()),
      costUsd: attempts.length === 0 ? aloneCost : sumOf(attempts),
      ...{ tags: parts.tags, startedAt: new Date(RECORDS_AROUND + parts.offsetMs) },
      ...{ durationMs: 5, firstContentMs: null, attempts, charges: [] },
    } satisfies LedgerRecord;
  });

function sumOf(attempts: readonly AttemptRecord[]): string | null {
  const costs = attempts.map(({ costUsd }) => costUsd);
  return costs.includes(null) ? null : costs.map((cost) => cost ?? NO_MONEY).reduce(addMoney, NO_MONEY);
}
