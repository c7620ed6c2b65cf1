import type { Clock } from './clock.js';

/** What the work resolves with; rejects when it takes longer than `ms`. What comes later is dropped. */
export async function within<T>(work: Promise<T>, ms: number, clock: Clock): Promise<T> {
  let cancel: (() => void) | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    cancel = clock.schedule(() => {
      reject(new Error(`No answer within ${String(ms)} ms.`));
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
