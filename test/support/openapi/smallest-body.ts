import type { ApiDocument, Operation, Schema } from './api-document.js';
import type { Ids } from './one-of-each.js';

/** A value to be put somewhere, like at `input[].file_id`. */
export interface Place {
  path: string;
  value: unknown;
}

/** A body with what its schema requires, and with one more value when a place for it is given. */
export function smallestBody(document: ApiDocument, operation: Operation, ids: Ids, place?: Place): object {
  const schema = operation.body?.schema ?? {};
  return smallest(document, schema, '', place, ids) as object;
}

const WORDS: Readonly<Record<string, string>> = {
  model: 'local/extractive',
  url: 'https://example.com/a',
  name: 'one-more',
  purpose: 'batch',
  question: 'Where does the godwit fly?',
};

function smallest(document: ApiDocument, given: Schema, path: string, place: Place | undefined, ids: Ids): unknown {
  if (place?.path === path) return place.value;
  const schema = document.resolve(given);
  const leads = (each: Schema): boolean => document.fields(each, path).some((field) => field.path === place?.path);
  const choice = schema.oneOf?.find(leads) ?? schema.oneOf?.[0];
  if (choice) return smallest(document, choice, path, place, ids);
  if (schema.enum) return schema.enum[0];
  if (schema.type === 'object') return smallestObject(document, schema, path, place, ids);
  if (schema.type === 'array') return [smallest(document, schema.items ?? {}, `${path}[]`, place, ids)];
  return smallestValue(schema, path.split('.').at(-1) ?? '');
}

function smallestValue({ type, minimum = 1 }: Schema, name: string): unknown {
  if (type === 'boolean') return false;
  if (type === 'integer' || type === 'number') return minimum;
  return WORDS[name] ?? 'a text of some length';
}

function smallestObject(
  document: ApiDocument,
  { properties = {}, required = [] }: Schema,
  path: string,
  place: Place | undefined,
  ids: Ids,
): object {
  const under = (name: string): string => (path === '' ? name : `${path}.${name}`);
  const isWanted = (name: string): boolean => {
    const own = under(name);
    return (
      required.includes(name) ||
      place?.path === own ||
      place?.path.startsWith(`${own}.`) === true ||
      place?.path.startsWith(`${own}[]`) === true
    );
  };
  const wanted = Object.entries(properties).filter(([name]) => isWanted(name));
  return Object.fromEntries(wanted.map(([name, each]) => [name, smallest(document, each, under(name), place, ids)]));
}
