import type { CancelSignal } from '../../core/cancellation.js';
import type { Clock } from '../../core/clock.js';
import type { Places } from '../../core/places.js';
import { fetchFailed } from '../../egress/egress-errors.js';
import { FetchDeadline } from '../../egress/fetch-deadline.js';

/** Waits for a place at most so long. Rejects with the signal's reason, else with `url_fetch_failed`. */
export async function takePlace(places: Places, waitMs: number, signal: CancelSignal, clock: Clock): Promise<void> {
  const wait = new FetchDeadline(clock, waitMs, signal);
  try {
    await places.take(wait.signal);
  } catch (cause) {
    throw signal.aborted ? signal.reason : fetchFailed({ cause });
  } finally {
    wait.end();
  }
}
