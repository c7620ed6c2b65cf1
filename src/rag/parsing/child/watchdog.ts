/*
 * A thread of the child that parses, for what the busy thread cannot see: that nobody is there any more to take its answer,
 * and that it takes too much memory. It imports nothing of ours, so that it starts at once.
 */
import { workerData } from 'node:worker_threads';

const { maxRssBytes, parentId } = workerData as { maxRssBytes: number; parentId: number };
const INTERVAL_MS = 100;

setInterval(() => {
  if (process.ppid !== parentId) process.kill(process.pid, 'SIGKILL');
  // A signal of its own, by which the parent knows the reason.
  if (process.memoryUsage.rss() > maxRssBytes) process.kill(process.pid, 'SIGUSR2');
}, INTERVAL_MS);
