import type { Worker } from 'node:cluster';
import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { SupervisorMessage } from '../core/worker-messages.js';
import { WorkersMetrics } from './workers-metrics.js';

/** What one worker has counted. */
async function metricsOf(count: number): Promise<object[]> {
  const registers = [new Registry()];
  new Counter({ name: 'answers_total', help: 'Answers.', labelNames: ['status'], registers }).inc(
    { status: '200' },
    count,
  );
  new Gauge({ name: 'open', help: 'Open.', registers }).set(count);
  new Gauge({ name: 'keys', help: 'Keys.', aggregator: 'max', registers }).set(count);
  new Histogram({ name: 'seconds', help: 'Time.', buckets: [1], registers }).observe(count);
  return (await registers[0]?.getMetricsAsJSON()) ?? [];
}

describe(WorkersMetrics.name, () => {
  let workers: Worker[];
  let metrics: WorkersMetrics;
  let asked: number;
  let answer: Promise<string>;

  beforeEach(() => {
    workers = [1, 2].map((id) => ({ id }) as Worker);
    let resolve: (text: string) => void;
    metrics = new WorkersMetrics(
      () => workers,
      (_worker: Worker, message: SupervisorMessage) => {
        if (message.type === 'metrics-collect') asked = message.id;
        else resolve(message.text);
      },
    );
    answer = new Promise((settle) => {
      resolve = settle;
    });
  });

  function workerOf(id: number): Worker {
    return workers.find((worker) => worker.id === id) ?? ({ id } as Worker);
  }

  function want(): void {
    metrics.onMessage(workerOf(2), { type: 'metrics-wanted', id: 7 });
  }

  async function tell(id: number, count: number, worker = workerOf(id)): Promise<void> {
    metrics.onMessage(worker, { type: 'metrics', id: asked, metrics: await metricsOf(count) });
  }

  it('adds up what is counted, and gauges as they say', async () => {
    want();
    await tell(1, 3);
    await tell(2, 4);
    const text = await answer;
    for (const line of ['answers_total{status="200"} 7', 'open 7', 'keys 4', 'seconds_count 2', 'seconds_sum 7']) {
      expect(text.split('\n')).toContain(line);
    }
  });

  it('keeps what a worker had counted that ended, and not its gauges', async () => {
    want();
    await tell(1, 3);
    const ended = workerOf(1);
    workers = workers.filter(({ id }) => id !== 1);
    metrics.forget(1);
    // Its last words come late.
    await tell(1, 3, ended);
    await tell(2, 4);
    const text = await answer;
    for (const line of ['answers_total{status="200"} 7', 'open 4', 'keys 4', 'seconds_count 2', 'seconds_sum 7']) {
      expect(text.split('\n')).toContain(line);
    }
  });

  it('shows a worker that is late as it was before', async () => {
    jest.useFakeTimers();
    try {
      want();
      await tell(1, 3);
      jest.runAllTimers();
      expect(await answer).toContain('answers_total{status="200"} 3');
    } finally {
      jest.useRealTimers();
    }
  });
});
