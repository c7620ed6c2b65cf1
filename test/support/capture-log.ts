import fs from 'node:fs';
import { jest } from '@jest/globals';

type WriteCallback = (error: Error | null, written: number) => void;

/** What the process writes to its standard output from now on, in place of writing it. */
export function captureLog(): { text: () => string; stop: () => void } {
  let text = '';
  const write = fs.write.bind(fs) as (...parameters: unknown[]) => void;
  const spy = jest.spyOn(fs, 'write').mockImplementation((...parameters: unknown[]) => {
    const [descriptor, data] = parameters;
    const callback = parameters.at(-1);
    if (descriptor !== 1 || typeof data !== 'string' || typeof callback !== 'function') {
      write(...parameters);
      return;
    }
    text += data;
    setImmediate(() => {
      (callback as WriteCallback)(null, Buffer.byteLength(data));
    });
  });
  return {
    text: () => text,
    stop: () => {
      spy.mockRestore();
    },
  };
}
