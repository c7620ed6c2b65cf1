import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { type Metric, Registry } from 'prom-client';
import { Instruments } from '../../src/metrics/instruments/instruments.js';
import { ScrapedInstruments } from '../../src/metrics/instruments/scraped-instruments.js';

interface ShownMetric {
  name: string;
  type: string;
  labels: string[];
}

const page = readFileSync(new URL('../../docs/metrics.md', import.meta.url), 'utf8');

/** The page's table: a metric, its type and its labels a row. */
function shownMetrics(): ShownMetric[] {
  return [...page.matchAll(/^\| `(trunkline_\w+)` +\| (\w+) +\| ([^|]*)\| \S/gm)].map(
    ([, name = '', type = '', labels = '']) => ({
      name,
      type,
      labels: [...labels.matchAll(/`(\w+)`/g)].map((match) => match[1] ?? '').sort(),
    }),
  );
}

function registeredMetrics(): ShownMetric[] {
  const registry = new Registry();
  new Instruments(registry);
  new ScrapedInstruments(registry);
  return (registry.getMetricsAsArray() as unknown as (Metric & ShownMetric & { labelNames: string[] })[]).map(
    ({ name, type, labelNames }) => ({ name, type, labels: [...labelNames].sort() }),
  );
}

function byName(left: ShownMetric, right: ShownMetric): number {
  return left.name < right.name ? -1 : 1;
}

describe('docs/metrics.md', () => {
  it('shows every metric with its type and labels, and no other', () => {
    const registered = registeredMetrics();
    expect(registered.length).toBeGreaterThan(15);
    expect(shownMetrics().sort(byName)).toEqual(registered.sort(byName));
  });

  it('names only metrics that exist in its expressions', () => {
    const names = new Set(registeredMetrics().map(({ name }) => name));
    const mentioned = [...page.matchAll(/trunkline_\w+/g)].map(([name]) => name);
    expect(mentioned.filter((name) => !names.has(name))).toEqual([]);
  });
});
