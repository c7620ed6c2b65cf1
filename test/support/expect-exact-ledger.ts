import { expect } from '@jest/globals';
import type { CrashBench } from './crash-bench.js';

/** Every request that the provider saw has exactly one row, at most so many of them abandoned, and the books add up. */
export async function expectExactLedger(bench: CrashBench, options: { mostAbandoned: number }): Promise<void> {
  expect(await bench.problems()).toEqual([]);
  const rows = await bench.ledgerRows();
  const counts = new Map<string, number>();
  for (const { request_id: mark } of rows) counts.set(mark, (counts.get(mark) ?? 0) + 1);
  expect([...counts].filter(([, count]) => count !== 1)).toEqual([]);
  const served = bench.served();
  expect([...served].filter((mark) => !counts.has(mark))).toEqual([]);
  const abandoned = rows.filter(({ status }) => status === 'abandoned');
  expect(abandoned.length).toBeLessThanOrEqual(options.mostAbandoned);
  process.stdout.write(
    `${String(served.size)} served, ${String(rows.length)} rows, ${String(abandoned.length)} abandoned\n`,
  );
}
