/**
 * Preloaded into a server: appends to the file LOOP_PROBE_FILE how many milliseconds of processor time its main thread used
 * without a turn of the event loop, whenever that is more than a few. Processor time, because other processes take none of it.
 */
import { appendFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

const LEAST_MS = 20;
const EVERY_MS = 3;
const file = process.env.LOOP_PROBE_FILE;

if (file && isMainThread && process.argv[1]?.endsWith('main.js')) {
  let last = process.threadCpuUsage();
  setInterval(() => {
    const now = process.threadCpuUsage();
    const ms = (now.user + now.system - last.user - last.system) / 1000;
    last = now;
    if (ms >= LEAST_MS) appendFileSync(file, `${String(Math.round(ms))}\n`);
  }, EVERY_MS).unref();
}
