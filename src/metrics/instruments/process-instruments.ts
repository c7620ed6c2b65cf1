import { performance } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';
import { Counter, Gauge, type Registry } from 'prom-client';
import { setCounter } from './database-instruments.js';

/** Room on a disk, in bytes. */
export interface DiskRoom {
  readonly free: number;
  readonly size: number;
}

/** The series about the process that prom-client does not have. */
export class ProcessInstruments {
  readonly #build: Gauge<'version' | 'node'>;
  readonly #processes: Gauge;
  readonly #active: Counter;
  readonly #heapLimit: Gauge;
  readonly #heapRatio: Gauge;
  readonly #diskFree: Gauge;
  readonly #diskSize: Gauge;

  constructor(registry: Registry) {
    const registers = [registry];
    this.#build = new Gauge({
      name: 'trunkline_build_info',
      help: 'Always 1; the labels say what runs.',
      labelNames: ['version', 'node'],
      aggregator: 'first',
      registers,
    });
    this.#processes = new Gauge({ name: 'trunkline_processes', help: 'Processes that answer here.', registers });
    this.#active = new Counter({
      name: 'trunkline_event_loop_active_seconds_total',
      help: 'How long event loops were at work; one that is always at work takes no more.',
      registers,
    });
    this.#heapLimit = new Gauge({ name: 'trunkline_heap_limit_bytes', help: 'What heaps may grow to.', registers });
    this.#heapRatio = new Gauge({
      name: 'trunkline_heap_used_ratio',
      help: 'How much of what it may grow to the heap has; of workers the fullest.',
      aggregator: 'max',
      registers,
    });
    const shared = { registers, aggregator: 'min' as const };
    this.#diskFree = new Gauge({
      ...shared,
      name: 'trunkline_data_dir_free_bytes',
      help: 'Room that is left where the data directory is.',
    });
    this.#diskSize = new Gauge({
      ...shared,
      name: 'trunkline_data_dir_size_bytes',
      help: 'All room where the data directory is.',
    });
  }

  /** What runs here; `disk` is null when it could not be asked in time. */
  show(version: string, disk: DiskRoom | null): void {
    this.#build.set({ version, node: process.version }, 1);
    this.#processes.set(1);
    setCounter(this.#active, performance.eventLoopUtilization().active / 1_000);
    const heap = getHeapStatistics();
    this.#heapLimit.set(heap.heap_size_limit);
    this.#heapRatio.set(heap.used_heap_size / heap.heap_size_limit);
    if (!disk) return;
    this.#diskFree.set(disk.free);
    this.#diskSize.set(disk.size);
  }
}
