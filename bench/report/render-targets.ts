import type { Measurement } from '../measure.js';
import { bestRate } from './best-rate.js';
import type { Report } from './report.js';
import { scalingRows } from './scaling-rows.js';
import { shown, spreadOf } from './spread.js';
import { table } from './table.js';

const PEER = 'portkey';
/** With a process for each core, which the peer's package has not. */
const WITH_WORKERS = [
  ['bare-2', '>= 4'],
  ['governed-2', '>= 2.5'],
] as const;
const MEGABYTE = 1024 ** 2;

/** What Trunkline aims at beside what was measured; empty when the run did not measure enough for it. */
export function renderTargets(report: Report): string {
  const rows = [
    ratioRow(report, 'bare', 'json-small', '>= 4'),
    ratioRow(report, 'bare', 'stream-burst', '>= 4'),
    ratioRow(report, 'governed', 'json-small', '>= 2.5'),
    ratioRow(report, 'governed', 'stream-burst', '>= 2.5'),
    ...WITH_WORKERS.flatMap(([name, target]) => [
      ratioRow(report, name, 'json-small', target),
      ratioRow(report, name, 'stream-burst', target),
    ]),
    ...scalingRows(report),
    tailRow(report, 'json-small'),
    overheadRow(report),
    memoryRow(report),
  ].filter((row) => row !== null);
  return rows.length === 0 ? '' : table(['aim', 'target', 'measured'], rows);
}

function ratioRow({ measurements }: Report, name: string, shape: string, target: string): string[] | null {
  const best = (contestant: string): number => bestRate(measurements, contestant, shape);
  const ratio = best(name) / best(PEER);
  if (!Number.isFinite(ratio)) return null;
  const unit = shape.startsWith('stream') ? 'streams/s' : 'requests/s';
  return [`${name}: ${unit} (${shape}), times Portkey's, each at its best`, target, shown(ratio, 2)];
}

function tailRow({ measurements }: Report, shape: string): string[] | null {
  const at = (contestant: string, key: 'p50' | 'p99'): number =>
    spreadOf(select(measurements, contestant, shape, 8).map(({ result }) => result.latency[key])).median;
  const own = at('governed', 'p99');
  const peer = at(PEER, 'p50');
  if (Number.isNaN(own) || Number.isNaN(peer)) return null;
  return ['governed: p99 at c=8', `< Portkey's p50 (${shown(peer, 2)} ms)`, `${shown(own, 2)} ms`];
}

function overheadRow({ measurements }: Report): string[] | null {
  const p50 = (contestant: string): number =>
    spreadOf(select(measurements, contestant, 'json-small', 1).map(({ result }) => result.latency.p50)).median;
  const overhead = p50('governed') - p50('direct');
  return Number.isNaN(overhead) ? null : ['governed: median overhead at c=1', '< 1.5 ms', `${shown(overhead, 2)} ms`];
}

function memoryRow({ measurements }: Report): string[] | null {
  const peaks = measurements.filter(({ contestant }) => contestant === 'governed').map(({ peakBytes }) => peakBytes);
  const peak = Math.max(...peaks);
  return Number.isFinite(peak) ? ['governed: resident memory', '< 250 MB', `${shown(peak / MEGABYTE, 0)} MB`] : null;
}

function select(all: readonly Measurement[], contestant: string, shape: string, connections: number): Measurement[] {
  return all.filter(
    (one) =>
      one.contestant === contestant &&
      one.shape === shape &&
      one.connections === connections &&
      one.ratePerSecond === null,
  );
}
