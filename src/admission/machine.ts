import { setFlagsFromString, getHeapStatistics } from 'node:v8';
import { runInNewContext } from 'node:vm';

type Collect = (options: { type: 'major'; execution: 'async' }) => Promise<void>;

/** What this process has of its machine. */
export class Machine {
  #collect: Collect | null = null;

  /** Bytes that JavaScript objects may take. */
  get heapLimitBytes(): number {
    return getHeapStatistics().heap_size_limit;
  }

  /** What is in use of that, garbage included, from 0 to 1. */
  heapShare(): number {
    const { used_heap_size: used, heap_size_limit: limit } = getHeapStatistics();
    return used / limit;
  }

  /** Bytes that a container allows; null where there is no limit. */
  get containerLimitBytes(): number | null {
    const limit = process.constrainedMemory();
    return limit > 0 && limit < Number.MAX_SAFE_INTEGER ? limit : null;
  }

  /** Milliseconds that a processor worked for the event loop, since some moment. */
  busyMs(): number {
    const { user, system } = usedProcessor();
    return (user + system) / 1_000;
  }

  /** Resident bytes of this process, with all that is no JavaScript object. */
  residentBytes(): number {
    return process.memoryUsage.rss();
  }

  /**
   * Has garbage collected, beside the work. V8 does so by itself only when something is to be allocated: a process that takes
   * no more work because of its garbage would keep it.
   */
  collectGarbage(): void {
    this.#collect ??= exposeCollector();
    this.#collect({ type: 'major', execution: 'async' }).catch(() => undefined);
  }
}

// Before Node 23.9 there is only the sum of all threads.
const { threadCpuUsage } = process as Partial<Pick<NodeJS.Process, 'threadCpuUsage'>>;
const usedProcessor = (): NodeJS.CpuUsage => threadCpuUsage?.call(process) ?? process.cpuUsage();

function exposeCollector(): Collect {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as Collect;
}
