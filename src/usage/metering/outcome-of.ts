import type { CallContext } from '../../core/call-context.js';
import { AppError, ClientGoneError } from '../../core/errors/app-error.js';
import { ProviderError, type ProviderErrorKind } from '../../providers/provider-error.js';
import { toAppError } from '../../providers/to-app-error.js';
import type { RequestStatus } from '../ledger/ledger-record.js';
import type { Admission } from './admission.js';

/** How a call ended that is over, by the last request that was admitted in it. */
export function statusOf(call: CallContext, last: Admission | undefined): RequestStatus {
  if (last?.state === 'failed' || last?.state === 'aborted') return last.state;
  // An answer that was there to its end is one, though nobody took the last of it, and another attempt lost the race to it.
  const isWhole = call.attempts.slice(last?.firstAttempt).some(({ outcome }) => outcome === 'succeeded');
  if (!call.isBetweenSteps && (last?.state === 'completed' || isWhole)) return 'succeeded';
  return call.signal.reason instanceof ClientGoneError ? 'aborted' : 'failed';
}

/** Why a call failed: as its caller was told, else as its last attempt says. */
export function errorCodeOf(call: CallContext, last: Admission | undefined): string | null {
  if (last?.errorCode) return last.errorCode;
  const reason: unknown = call.signal.reason;
  if (reason instanceof AppError) return reason.code;
  const kind = call.attempts.at(-1)?.errorKind;
  return kind ? toAppError(new ProviderError(kind as ProviderErrorKind, ''), 1).code : null;
}
