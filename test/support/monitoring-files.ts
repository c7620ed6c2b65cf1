import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

/** The folder of what runs beside the server. */
export const DOCKER = fileURLToPath(new URL('../../docker/', import.meta.url));

export interface Rule {
  readonly alert?: string;
  readonly record?: string;
  readonly expr: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

export interface Target {
  readonly refId: string;
  readonly expr: string;
  readonly legendFormat: string;
}

export interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly gridPos: { readonly h: number; readonly w: number; readonly x: number; readonly y: number };
  readonly datasource?: { readonly type: string; readonly uid: string };
  readonly targets?: readonly Target[];
}

export interface Dashboard {
  readonly uid: string;
  readonly title: string;
  readonly schemaVersion: number;
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly { readonly name: string; readonly definition?: string }[] };
  readonly annotations: { readonly list: readonly { readonly expr?: string }[] };
}

/** A query and where it stands. */
export interface Query {
  readonly place: string;
  readonly expr: string;
}

/** Every rule of `alerts.yml`. */
export function readRules(): Rule[] {
  const { groups } = parse(readFileSync(`${DOCKER}prometheus/alerts.yml`, 'utf8')) as { groups: { rules: Rule[] }[] };
  return groups.flatMap(({ rules }) => rules);
}

export function readDashboard(): Dashboard {
  return JSON.parse(readFileSync(`${DOCKER}grafana/dashboards/trunkline.json`, 'utf8')) as Dashboard;
}

/** Every query of every panel, with its variables standing for everything. */
export function panelQueries({ panels }: Dashboard): Query[] {
  return panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ refId, expr }) => ({ place: `${title} ${refId}`, expr: fillVariables(expr) })),
  );
}

/** An expression with the variables of Grafana replaced. */
export function fillVariables(expr: string): string {
  return expr.replaceAll('$__rate_interval', '1m').replaceAll(/\$(?:job|instance|provider|model|route)\b/g, '.*');
}

/**
 * The sides of an alert's comparisons without what they are compared with: what must have data for the alert to be able to
 * fire at all.
 */
export function withoutComparisons(expr: string): string[] {
  return expr
    .split(/ (?:and|or) (?!vector)/)
    .map((part) => part.replace(/ (?:==|!=|>=|<=|>|<) .*$/s, '').trim())
    .filter((part) => part !== '');
}
