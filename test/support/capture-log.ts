import { jest } from '@jest/globals';
import { StandardOutput, type Written } from '../../src/logging/standard-output.js';

export interface CapturedLog {
  text: () => string;
  /** The lines from the offset on, once there are `count` of them; the test's own time limit ends the wait. */
  lines: (count: number, from: number) => Promise<string[]>;
  stop: () => void;
}

let isCapturing = false;

/** What the process logs from now on, in place of its standard output; for one at a time, so from a hook that `stop` follows. */
export function captureLog(): CapturedLog {
  let text = '';
  let announce: () => void = () => undefined;
  if (isCapturing) throw new Error('Somebody else captures the log already.');
  isCapturing = true;
  const spy = jest.spyOn(StandardOutput.prototype, 'write').mockImplementation((lines: string, done: Written) => {
    text += lines;
    announce();
    setImmediate(done, null);
  });
  return {
    text: () => text,
    lines: async (count, from) => {
      for (;;) {
        const lines = text.slice(from).split('\n').slice(0, -1);
        if (lines.length >= count) return lines;
        await new Promise<void>((resolve) => (announce = resolve));
      }
    },
    stop: () => {
      isCapturing = false;
      spy.mockRestore();
    },
  };
}
