// Their sets are closed by what the program has: routes, statuses, methods, bounds of histograms.
const CLOSED = new Set(['route', 'status', 'method', 'le', 'quantile', 'surface']);
const LABEL = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g;

/** Every value of every label in a text of metrics, as `name=value`, without those whose sets the program closes. */
export function labelValues(metrics: string): Set<string> {
  const values = new Set<string>();
  for (const [, name = '', value = ''] of metrics.matchAll(LABEL)) {
    if (!CLOSED.has(name)) values.add(`${name}=${value}`);
  }
  return values;
}
