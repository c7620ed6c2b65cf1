import type { MediaMeter } from '../usage/usage-meter.js';

type Pieces<T> = AsyncIterableIterator<T, undefined>;

/** Passes on what comes, and tells the meter how it ended: at its end, by a failure, or because nobody read on. */
export function meterPieces<T>(pieces: Pieces<T>, meter: MediaMeter): Pieces<T> {
  let isOver = false;
  const end = (note: () => void): void => {
    if (isOver) return;
    isOver = true;
    note();
  };
  const metered: Pieces<T> = {
    next: async () => {
      try {
        const step = await pieces.next();
        if (step.done === true) {
          end(() => {
            meter.complete();
          });
        }
        return step;
      } catch (error) {
        end(() => {
          meter.fail(error);
        });
        throw error;
      }
    },
    return: async () => {
      await pieces.return?.();
      end(() => {
        meter.stop();
      });
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]: () => metered,
  };
  return metered;
}
