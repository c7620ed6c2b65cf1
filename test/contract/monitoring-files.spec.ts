import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { parse } from 'yaml';
import { DOCKER, readDashboard, readRules } from '../support/monitoring-files.js';
import { hasPrometheus, promtool } from '../support/prometheus-server.js';

const METRIC = /\b(?:trunkline|nodejs|process)_[a-z0-9_]+/g;
/** What Prometheus itself adds, and the bounds of histograms. */
const OWN_LABELS = ['job', 'instance', 'le', 'alertname', 'alertstate', 'severity'];
const CHECKED = hasPrometheus();
if (!CHECKED) process.stderr.write('Prometheus is not installed: its own checks of the rules are skipped.\n');

function read(path: string): string {
  return readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
}

/** The labels of every metric that there is, by its name. */
function knownMetrics(): Map<string, readonly string[]> {
  const known = new Map<string, readonly string[]>();
  for (const [, name = '', labels = ''] of read('docs/metrics.md').matchAll(
    /^\| `(trunkline_\w+)` +\| \w+ +\| ([^|]*)\|/gm,
  )) {
    known.set(
      name,
      [...labels.matchAll(/`(\w+)`/g)].map((match) => match[1] ?? ''),
    );
  }
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  for (const { name } of registry.getMetricsAsArray()) known.set(name, ['kind', 'type', 'version', 'space']);
  return known;
}

const known = knownMetrics();

function baseOf(name: string): string {
  return known.has(name) ? name : name.replace(/_(?:bucket|sum|count)$/, '');
}

/** Metrics that do not exist, and labels that none of the metrics has. */
function strangers(expr: string, legends: readonly string[]): string[] {
  const recorded = expr.replaceAll(/\b(?:job|instance):[\w:]+/g, '');
  const metrics = [...recorded.matchAll(METRIC)].map(([name]) => baseOf(name));
  const labels = [
    ...recorded.matchAll(/[{,]\s*(\w+)\s*(?:=~|!~|!=|=)/g),
    ...recorded.matchAll(/\{\{\s*(?:\$labels\.)?(\w+)/g),
  ].map(([, label = '']) => label);
  const grouped = [...recorded.matchAll(/\b(?:by|without|on) \(([^)]*)\)/g)].flatMap(([, list = '']) =>
    list.split(/, */),
  );
  const shown = legends.flatMap((legend) =>
    [...legend.matchAll(/\{\{\s*(?:\$labels\.)?(\w+)\s*\}\}/g)].map((match) => match[1] ?? ''),
  );
  const allowed = new Set([...OWN_LABELS, ...metrics.flatMap((name) => known.get(name) ?? [])]);
  return [
    ...metrics.filter((name) => !known.has(name)),
    ...[...labels, ...grouped, ...shown].filter((label) => !allowed.has(label)),
  ];
}

describe('docker/grafana/dashboards/trunkline.json', () => {
  const dashboard = readDashboard();
  const { panels } = dashboard;

  it('is a dashboard that Grafana takes: one uid, one id a panel, each in a place of its own', () => {
    expect(dashboard).toMatchObject({ uid: 'trunkline', title: 'Trunkline', schemaVersion: expect.any(Number) });
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) => {
      expect(x + w).toBeLessThanOrEqual(24);
      return Array.from(
        { length: w * h },
        (_, index) => `${String(x + (index % w))},${String(y + Math.floor(index / w))}`,
      );
    });
    expect(new Set(cells).size).toBe(cells.length);
  });

  it('asks the chosen data source in every panel that is not a heading', () => {
    const asking = panels.filter(({ type }) => type !== 'row');
    expect(asking.length).toBeGreaterThan(50);
    for (const { title, datasource, targets = [] } of asking) {
      expect([title, datasource?.uid, targets.length > 0]).toEqual([title, '${datasource}', true]);
      expect(new Set(targets.map(({ refId }) => refId)).size).toBe(targets.length);
    }
  });

  it('names only metrics and labels that docs/metrics.md knows', () => {
    const wrong = panels.flatMap(({ title, targets = [] }) =>
      targets.map(({ expr, legendFormat }) => [title, expr, strangers(expr, [legendFormat])] as const),
    );
    expect(wrong.filter(([, , names]) => names.length > 0)).toEqual([]);
  });

  it('has the variables that its queries use, made of metrics that there are', () => {
    const { list } = dashboard.templating;
    const used = new Set(JSON.stringify(panels).match(/(?<=\$)(?!__)[a-z]+/g));
    expect([...used].filter((name) => !list.some((variable) => variable.name === name))).toEqual([]);
    for (const { definition } of list) if (definition) expect(strangers(definition, [])).toEqual([]);
  });

  it('shows every metric that an alert is about', () => {
    const shown = JSON.stringify(panels);
    const watched = readRules().flatMap(({ expr }) =>
      [...expr.matchAll(/\btrunkline_[a-z0-9_]+(?=[{[ )]|$)/g)].map(([name]) => baseOf(name)),
    );
    expect([...new Set(watched)].filter((name) => !shown.includes(name))).toEqual([]);
  });

  it('is provisioned from where the compose file puts it, on the data source of that name', () => {
    const compose = read('docker/compose.monitoring.yaml');
    const provider = parse(read('docker/grafana/provisioning/dashboards/trunkline.yaml')) as {
      providers: { options: { path: string } }[];
    };
    expect(compose).toContain(`./grafana/dashboards:${provider.providers[0]?.options.path ?? ''}:ro`);
    const source = parse(read('docker/grafana/provisioning/datasources/prometheus.yaml')) as {
      datasources: { url: string; type: string }[];
    };
    expect(source.datasources).toMatchObject([
      { type: 'prometheus', url: 'http://prometheus:9090', uid: 'prometheus' },
    ]);
  });
});

describe('docker/prometheus', () => {
  const rules = readRules();
  const alerts = rules.filter(({ alert }) => alert !== undefined);

  it('names only metrics and labels that docs/metrics.md knows', () => {
    const wrong = rules.map(
      ({ alert, record, expr, annotations = {} }) =>
        [alert ?? record, strangers(expr, Object.values(annotations))] as const,
    );
    const recorded = new Set(rules.flatMap(({ record }) => record ?? []));
    expect(wrong.filter(([, names]) => names.length > 0)).toEqual([]);
    const used = rules.flatMap(({ expr }) => expr.match(/\b(?:job|instance):[\w:]+/g) ?? []);
    expect(used.filter((name) => !recorded.has(name))).toEqual([]);
  });

  it('gives every alert a severity, words, and a page that says what to do', () => {
    const page = read('docs/monitoring.md');
    const headings = [...page.matchAll(/^### (\w+)$/gm)].map(([, name = '']) => name);
    for (const { alert = '', labels, annotations } of alerts) {
      expect([alert, labels?.severity]).toEqual([alert, expect.stringMatching(/^(?:critical|warning|info)$/)]);
      expect(annotations).toEqual({
        summary: expect.stringMatching(/\S/),
        description: expect.stringMatching(/\S/),
        runbook: `docs/monitoring.md#${alert.toLowerCase()}`,
      });
    }
    expect(headings.sort()).toEqual(alerts.map(({ alert }) => alert).sort());
  });

  (CHECKED ? it : it.skip)('passes the checks of Prometheus itself', () => {
    for (const check of [
      ['check', 'rules', 'alerts.yml'],
      ['check', 'config', 'prometheus.yml'],
    ]) {
      const { isFine, output } = promtool(check);
      expect([check, isFine, output]).toEqual([check, true, expect.not.stringMatching(/FAILED|WARNING/)]);
    }
  });

  (CHECKED ? it : it.skip)('lets every alert fire when its trouble is there, and none when all is well', () => {
    const { isFine, output } = promtool(['test', 'rules', 'alerts.test.yml']);
    expect([isFine, output]).toEqual([true, expect.stringContaining('SUCCESS')]);
    const fired = [...read('docker/prometheus/alerts.test.yml').matchAll(/alertname="(\w+)"/g)].map(
      ([, name = '']) => name,
    );
    expect([...new Set(fired)].sort()).toEqual(alerts.map(({ alert }) => alert).sort());
  });
});

describe('docker/compose.monitoring.yaml', () => {
  interface Service {
    image?: string;
    ports?: string[];
    read_only?: boolean;
    mem_limit?: string;
    healthcheck?: object;
    secrets?: string[];
  }
  const { services, secrets } = parse(read('docker/compose.monitoring.yaml')) as {
    services: Record<string, Service>;
    secrets: Record<string, unknown>;
  };

  it('pins versions, limits memory, keeps roots read-only, watches health and listens on the loopback only', () => {
    for (const [name, service] of Object.entries(services)) {
      for (const secret of service.secrets ?? []) expect(secrets).toHaveProperty([secret]);
      if (name === 'trunkline') continue;
      expect(service).toMatchObject({
        image: expect.stringMatching(/:v?\d+\.\d+\.\d+/),
        read_only: true,
        mem_limit: expect.any(String),
        healthcheck: expect.any(Object),
      });
      expect((service.ports ?? []).filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([]);
    }
  });

  it('mounts files that are there', () => {
    const mounts = JSON.stringify(services).match(/\.\/[\w/.-]+(?=:)/g) ?? [];
    expect(mounts.length).toBeGreaterThan(2);
    for (const mount of mounts) expect(() => readFileSync(`${DOCKER}${mount}`)).toThrow(/EISDIR/);
  });
});
