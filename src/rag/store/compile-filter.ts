import type { Filter, FilterField, FilterValue, TextField } from '../retrieval/filter/filter.js';

const TEXT_COLUMNS: Readonly<Record<TextField, string>> = {
  source: 'd.source',
  document_id: 'v.document_id',
  title: 'v.title',
  language: 'v.language',
};

/**
 * A filter as an SQL condition on `document_version v`, joined to `document d` where it needs that. What the client wrote goes into
 * `parameters`, and nothing of it into the SQL. Every leaf is true or false, never null, so that `not` means what it says.
 */
export function compileFilter(filter: Filter, parameters: unknown[]): string {
  switch (filter.type) {
    case 'and':
    case 'or':
      return `(${filter.parts.map((part) => compileFilter(part, parameters)).join(` ${filter.type} `)})`;
    case 'not':
      return `not ${compileFilter(filter.part, parameters)}`;
    case 'equals':
      return compileEquals(filter.field, filter.values, parameters);
    case 'compare':
      return `coalesce(${compileComparison(filter, parameters)}, false)`;
    case 'exists':
      return compileExists(filter.field, parameters);
  }
}

/** Whether the condition is also about `document d`. */
export function needsDocument(filter: Filter): boolean {
  switch (filter.type) {
    case 'and':
    case 'or':
      return filter.parts.some(needsDocument);
    case 'not':
      return needsDocument(filter.part);
    default:
      return filter.field.kind === 'time' || (filter.field.kind === 'text' && filter.field.name === 'source');
  }
}

function compileEquals(field: FilterField, values: readonly FilterValue[], parameters: unknown[]): string {
  if (field.kind === 'text') {
    const equals = `${TEXT_COLUMNS[field.name]} = any(${bind(values, parameters)}::text[])`;
    return field.name === 'title' || field.name === 'language' ? `coalesce(${equals}, false)` : equals;
  }
  if (field.kind === 'time') return `${timeColumn()} = any(${bind(values, parameters)}::timestamptz[])`;
  // The column itself contains the value or a list with it: said so, and never null, it can be looked up in its index.
  const shapes = values.flatMap((value) =>
    pathsOf(field.path).flatMap((path) => [nest(path, value), nest(path, [value])]),
  );
  return `v.metadata @> any(${bind(shapes, parameters)}::jsonb[])`;
}

function compileComparison(filter: Extract<Filter, { type: 'compare' }>, parameters: unknown[]): string {
  const { field, comparison, value } = filter;
  // Byte order is the same on every server, and is that of dates and version numbers of one length.
  if (field.kind === 'text')
    return `${TEXT_COLUMNS[field.name]} collate "C" ${comparison} ${bind(value, parameters)}::text`;
  if (field.kind === 'time') return `${timeColumn()} ${comparison} ${bind(value, parameters)}::timestamptz`;
  const found = metadataValue(field.path, parameters);
  if (typeof value === 'number') {
    const number = `(case when jsonb_typeof(${found}) = 'number' then (${found} #>> '{}')::numeric end)`;
    return `${number} ${comparison} ${bind(String(value), parameters)}::numeric`;
  }
  const text = `(case when jsonb_typeof(${found}) = 'string' then ${found} #>> '{}' end)`;
  return `${text} collate "C" ${comparison} ${bind(value, parameters)}::text`;
}

function compileExists(field: FilterField, parameters: unknown[]): string {
  if (field.kind === 'text') return `${TEXT_COLUMNS[field.name]} is not null`;
  if (field.kind === 'time') return `${timeColumn()} is not null`;
  return `coalesce(jsonb_typeof(${metadataValue(field.path, parameters)}) <> 'null', false)`;
}

// Stored to the microsecond and shown to the millisecond: what a client saw must be equal to itself.
function timeColumn(): string {
  return `date_trunc('milliseconds', d.created_at)`;
}

/** The keys as they lead down, and as one key that has dots in its name. */
function pathsOf(path: readonly string[]): (readonly string[])[] {
  return path.length === 1 ? [path] : [path, [path.join('.')]];
}

function metadataValue(path: readonly string[], parameters: unknown[]): string {
  const found = pathsOf(path).map((keys) => `v.metadata #> ${bind(keys, parameters)}::text[]`);
  return found.length === 1 ? `(${found.join('')})` : `coalesce(${found.join(', ')})`;
}

function nest(path: readonly string[], value: FilterValue | FilterValue[]): string {
  return JSON.stringify(path.reduceRight<unknown>((inner, key) => ({ [key]: inner }), value));
}

function bind(value: unknown, parameters: unknown[]): string {
  parameters.push(value);
  return `$${String(parameters.length)}`;
}
