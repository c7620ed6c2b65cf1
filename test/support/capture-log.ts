import fs from 'node:fs';
import { jest } from '@jest/globals';

type WriteCallback = (error: Error | null, written: number) => void;

export interface CapturedLog {
  text: () => string;
  /** The lines from the offset on, once there are `count` of them; the test's own time limit ends the wait. */
  lines: (count: number, from: number) => Promise<string[]>;
  stop: () => void;
}

/** What the process writes to its standard output from now on, in place of writing it. */
export function captureLog(): CapturedLog {
  let text = '';
  let announce: () => void = () => undefined;
  const write = fs.write.bind(fs) as (...parameters: unknown[]) => void;
  const spy = jest.spyOn(fs, 'write').mockImplementation((...parameters: unknown[]) => {
    const [descriptor, data] = parameters;
    const callback = parameters.at(-1);
    if (descriptor !== 1 || typeof data !== 'string' || typeof callback !== 'function') {
      write(...parameters);
      return;
    }
    text += data;
    announce();
    setImmediate(() => {
      (callback as WriteCallback)(null, Buffer.byteLength(data));
    });
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
      spy.mockRestore();
    },
  };
}
