import type { Report } from './report.js';
import { shown, shownSpread, spreadOf } from './spread.js';
import { table } from './table.js';

const MEGABYTE = 1024 ** 2;

/** Memory and the time of a cold start. */
export function renderResources({ contestants, measurements }: Report): string {
  const rows = contestants
    .filter(({ name, version }) => name !== 'direct' && version !== null)
    .map(({ name, title, startMs, idleBytes, recoveredBytes }) => {
      const peaks = measurements.filter(({ contestant }) => contestant === name).map(({ peakBytes }) => peakBytes);
      return [
        title,
        shown(idleBytes / MEGABYTE, 0),
        shown(Math.max(...peaks) / MEGABYTE, 0),
        shown(recoveredBytes / MEGABYTE, 0),
        shownSpread(spreadOf(startMs.map((ms) => ms / 1_000)), 2),
      ];
    });
  const head = ['', 'idle MB', 'peak MB', 'after MB', 'cold start s'];
  return `### Memory (resident) and start\n\n${table(head, rows)}`;
}
