import type { Measurement } from '../measure.js';
import { type Shape, SHAPES } from '../shapes.js';
import { renderResources } from './render-resources.js';
import { renderSweep } from './render-sweep.js';
import { renderTargets } from './render-targets.js';
import type { ContestantReport, Report } from './report.js';
import { shown, shownSpread, spreadOf } from './spread.js';
import { table } from './table.js';

/** The whole report in Markdown. */
export function renderReport(report: Report): string {
  const shapes = SHAPES.filter(({ name }) => closed(report).some((measurement) => measurement.shape === name));
  return [
    renderHead(report),
    renderTargets(report),
    ...shapes.map((shape) => renderShape(report, shape)),
    renderSweep(report),
    renderResources(report),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

function renderHead({ date, machine, database, options, contestants }: Report): string {
  const versions = contestants.map(({ title, version }) => {
    if (version === '-') return title;
    return version === null ? `${title}: could not be had on this machine` : `${title} ${version}`;
  });
  return [
    `Measured on ${date.slice(0, 10)}: ${machine.cpu}, ${String(machine.cores)} cores, ${String(machine.memoryGigabytes)} GB, ` +
      `${machine.system}, Node ${machine.node}; the governed Trunkline on ${database} on the same machine. ` +
      `${String(options.trials)} trials of ${String(options.seconds)} s, seed ${String(options.seed)}; medians, with the ` +
      `least and the most in parentheses.`,
    `Contestants: ${versions.join('; ')}.`,
  ].join('\n\n');
}

function renderShape(report: Report, shape: Shape): string {
  const measurements = closed(report).filter((measurement) => measurement.shape === shape.name);
  const rows = shape.concurrency.flatMap((connections) =>
    report.contestants.flatMap((contestant) => {
      const at = measurements.filter((one) => one.connections === connections);
      const own = at.filter((one) => one.contestant === contestant.name);
      const baseline = at.filter((one) => one.contestant === 'direct');
      return own.length === 0 ? [] : [renderRow(connections, contestant, own, baseline)];
    }),
  );
  const unit = shape.isStream ? 'streams/s' : 'requests/s';
  const head = [
    'c',
    '',
    unit,
    'p50 ms',
    'p90 ms',
    'p99 ms',
    'over direct ms',
    'first byte ms',
    'CPU s/1,000',
    'failed',
  ];
  const title = `${shape.title.charAt(0).toUpperCase()}${shape.title.slice(1)}`;
  return `### ${title}\n\n${table(head, rows)}`;
}

function renderRow(
  connections: number,
  { title, name }: ContestantReport,
  own: readonly Measurement[],
  baseline: readonly Measurement[],
): string[] {
  const latency = (key: 'p50' | 'p90' | 'p99'): string =>
    shown(spreadOf(own.map(({ result }) => result.latency[key])).median, 2);
  const median = (all: readonly Measurement[]): number => spreadOf(all.map(({ result }) => result.latency.p50)).median;
  return [
    String(connections),
    title,
    shownSpread(spreadOf(own.map(({ result }) => result.requests / result.seconds)), 0),
    latency('p50'),
    latency('p90'),
    latency('p99'),
    name === 'direct' ? '-' : shown(median(own) - median(baseline), 2),
    shown(spreadOf(own.map(({ result }) => result.firstByte.p50)).median, 2),
    name === 'direct' ? '-' : renderCpu(own),
    String(own.reduce((sum, { result }) => sum + result.failures, 0)),
  ];
}

function renderCpu(own: readonly Measurement[]): string {
  const per1000 = (key: 'gateway' | 'database'): number =>
    spreadOf(own.map(({ cpu, result }) => (1_000 * cpu[key]) / result.requests)).median;
  const database = per1000('database');
  return database > 0 ? `${shown(per1000('gateway'), 2)} + ${shown(database, 2)} db` : shown(per1000('gateway'), 2);
}

function closed({ measurements }: Report): Measurement[] {
  return measurements.filter(({ ratePerSecond }) => ratePerSecond === null);
}
