import type { Clock } from './clock.js';

/** The work took longer than it may. */
export class TooLateError extends Error {}

/** What the work resolves with; rejects with `TooLateError` when it takes longer than `ms`. What comes later is dropped. */
export async function within<T>(work: Promise<T>, ms: number, clock: Clock): Promise<T> {
  let cancel: (() => void) | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    cancel = clock.schedule(() => {
      reject(new TooLateError(`No answer within ${String(ms)} ms.`));
    }, ms);
  });
  // Whichever comes second is nobody's concern any more.
  work.catch(() => undefined);
  try {
    return await Promise.race([work, late]);
  } finally {
    cancel?.();
  }
}
