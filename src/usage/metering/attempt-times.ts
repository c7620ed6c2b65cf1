import type { Attempt } from '../../core/attempt.js';
import type { CallContext } from '../../core/call-context.js';
import type { AttemptRecord } from '../ledger/ledger-record.js';

type AttemptTimes = Pick<AttemptRecord, 'durationMs' | 'offsetMs' | 'firstContentMs' | 'purpose' | 'isAside'>;

/** When an attempt began within its call, how long it took, and why it was made. */
export function timesOf(attempt: Attempt, call: CallContext): AttemptTimes {
  return {
    durationMs: attempt.durationMs ?? 0,
    offsetMs: Math.max(0, Math.round(attempt.startedAt - call.receivedAt)),
    firstContentMs: attempt.firstContentMs,
    purpose: attempt.purpose ?? null,
    isAside: false,
  };
}

/** The records of a call that is over: an attempt may be set aside only after it was settled. */
export function markAsides(records: AttemptRecord[], call: CallContext): AttemptRecord[] {
  if (!call.hasAsides) return records;
  return records.map((record) => {
    const attempt = call.attempts[record.n - 1];
    return attempt && call.isAside(attempt) ? { ...record, isAside: true } : record;
  });
}
