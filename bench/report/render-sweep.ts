import { SHAPES } from '../shapes.js';
import type { Report } from './report.js';
import { shown, spreadOf } from './spread.js';
import { table } from './table.js';

/** Latency against the offered rate; empty when there was no sweep. */
export function renderSweep(report: Report): string {
  const sweep = report.measurements.filter(({ ratePerSecond }) => ratePerSecond !== null);
  const parts = SHAPES.flatMap(({ name, title }) => {
    const ofShape = sweep.filter(({ shape }) => shape === name);
    if (ofShape.length === 0) return [];
    const rates = [...new Set(ofShape.map(({ ratePerSecond }) => ratePerSecond ?? 0))].sort((a, b) => a - b);
    const known = report.contestants.filter((one) => ofShape.some(({ contestant }) => contestant === one.name));
    const rows = rates.map((rate) => [
      shown(rate, 0),
      ...known.map((contestant) => {
        const own = ofShape.filter((one) => one.contestant === contestant.name && one.ratePerSecond === rate);
        if (own.length === 0) return '-';
        const median = (key: 'p50' | 'p99'): string =>
          shown(spreadOf(own.map(({ result }) => result.latency[key])).median, 1);
        const failures = own.reduce((sum, { result }) => sum + result.failures, 0);
        return `${median('p50')} / ${median('p99')}${failures > 0 ? ` (${String(failures)} failed)` : ''}`;
      }),
    ]);
    return [`${title}:\n\n${table(['offered/s', ...known.map((one) => one.title)], rows)}`];
  });
  if (parts.length === 0) return '';
  const heading = '### Latency against the rate of arrival: p50 / p99 in ms; `-` once a contestant fell behind';
  return [heading, ...parts].join('\n\n');
}
