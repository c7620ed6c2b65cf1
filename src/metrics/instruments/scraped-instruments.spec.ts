import { describe, expect, it } from '@jest/globals';
import { AggregatorRegistry, Registry } from 'prom-client';
import type { Backlog } from '../../core/telemetry/metric-sources.js';
import { ScrapedInstruments } from './scraped-instruments.js';

const BACKLOG: Backlog = {
  oldestJobSeconds: { index: 7 },
  webhooks: { pending: 3, oldestSeconds: 60, overdueSeconds: 1 },
  batches: { in_progress: 2 },
};

/** What one worker shows; of its own things `number` of each. */
async function workerWith(number: number, isReady: boolean): Promise<object[]> {
  const registry = new Registry();
  const instruments = new ScrapedInstruments(registry);
  instruments.backlog.show({ index: 4, response: 0 }, BACKLOG);
  instruments.health.show(
    { isReady, dependencies: { database: true, redis: isReady } },
    isReady ? 'redis' : 'database',
  );
  instruments.database.show({ size: 10, inUse: number, waiting: 0, acquires: 5, failures: 0, waitedSeconds: number });
  instruments.ledger.show({ unsettled: number, fileEntries: number, fileBytes: 100, stalledSeconds: number });
  instruments.process.show('1.2.3', { free: 50 + number, size: 1_000 });
  return registry.getMetricsAsJSON();
}

describe('what is scraped of several workers', () => {
  it('is shown once where it is one and the same, else summed, and of states the worst', async () => {
    const workers = [await workerWith(1, true), await workerWith(2, false)];
    const lines = (await AggregatorRegistry.aggregate(workers).metrics()).split('\n');
    for (const line of [
      `trunkline_build_info{version="1.2.3",node="${process.version}"} 1`,
      'trunkline_processes 2',
      'trunkline_ready 0',
      'trunkline_dependency_up{dependency="database"} 1',
      'trunkline_dependency_up{dependency="redis"} 0',
      'trunkline_limit_store_active{store="redis"} 1',
      'trunkline_limit_store_active{store="database"} 1',
      'trunkline_queue_depth{queue="index"} 4',
      'trunkline_queue_oldest_seconds{queue="index"} 7',
      'trunkline_queue_oldest_seconds{queue="response"} 0',
      'trunkline_webhook_pending 3',
      'trunkline_batches{status="in_progress"} 2',
      'trunkline_database_pool_size 20',
      'trunkline_database_pool_in_use 3',
      'trunkline_database_acquires_total 10',
      'trunkline_ledger_unsettled_requests 3',
      'trunkline_ledger_file_bytes 200',
      'trunkline_ledger_stalled_seconds 2',
      'trunkline_data_dir_free_bytes 51',
      'trunkline_data_dir_size_bytes 1000',
    ]) {
      expect(lines).toContain(line);
    }
  });

  it('leaves out what could not be asked, instead of the numbers of before', async () => {
    const registry = new Registry();
    const instruments = new ScrapedInstruments(registry);
    instruments.backlog.show({ index: 4 }, BACKLOG);
    instruments.health.show({ isReady: true, dependencies: { database: true } }, 'redis');
    instruments.backlog.show(null, null);
    instruments.health.show(null, 'redis');
    const text = await registry.metrics();
    expect(text).toContain('\ntrunkline_ready 0\n');
    expect(text).not.toMatch(/^trunkline_(?:queue|webhook|batches|dependency)\S* \d/m);
  });
});
