import { readFileSync } from 'node:fs';
import { type ErrorObject, Ajv2020 } from 'ajv/dist/2020.js';
import { type Path, parsePointer } from './format-path.js';
import type { ModelsFile } from './models-file.js';

export interface FileProblem {
  path: Path;
  message: string;
}

export interface ValidatedModelsFile {
  file: ModelsFile;
  declaredProviders: string[] | null;
  problems: FileProblem[];
}

type Container = Record<string | number, unknown>;

/** The schema lies beside the users' file, for their editors; this path holds from `src` and from `dist`. */
const SCHEMA_URL = new URL('../../../config/trunkline.schema.json', import.meta.url);

const TYPE_NAMES: Readonly<Record<string, string>> = {
  object: 'a map of keys and values',
  array: 'a list',
  string: 'a text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
};

/**
 * Checks the parsed file against its JSON Schema. The file comes back without the entries that are wrong, so that the
 * rest can still be checked for what a schema cannot say.
 */
export function validateModelsFile(content: unknown): ValidatedModelsFile {
  const ajv = new Ajv2020({ allErrors: true, verbose: true, strictTypes: false });
  const validate = ajv.compile(JSON.parse(readFileSync(SCHEMA_URL, 'utf8')) as object);
  const declaredProviders = namesOf(content, 'providers');
  if (!validate(content) && convertTexts(content, validate.errors ?? [])) validate(content);
  const errors = (validate.errors ?? []).filter((error) => error.keyword !== 'if' && error.propertyName === undefined);
  const problems = errors.map((error) => ({ path: placeOf(error), message: messageOf(error) }));
  for (const problem of problems) removeEntry(content, problem.path);
  const file = isContainer(content) ? (content as ModelsFile) : {};
  return { file, declaredProviders, problems: withoutEchoes(problems) };
}

function isContainer(value: unknown): value is Container {
  return typeof value === 'object' && value !== null;
}

function namesOf(content: unknown, section: string): string[] | null {
  const entries = isContainer(content) ? content[section] : undefined;
  return isContainer(entries) && !Array.isArray(entries) ? Object.keys(entries) : null;
}

/** A value that a variable gave is a text; where a number or a truth value belongs, its canonical text becomes one. */
function convertTexts(content: unknown, errors: readonly ErrorObject[]): boolean {
  let converted = false;
  for (const error of errors) {
    const wanted: unknown = error.keyword === 'type' ? (error.params as { type?: unknown }).type : undefined;
    const value = convertText(error.data, wanted);
    const path = parsePointer(error.instancePath);
    const parent = path
      .slice(0, -1)
      .reduce<unknown>((node, key) => (isContainer(node) ? node[key] : undefined), content);
    const last = path.at(-1);
    if (value === undefined || last === undefined || !isContainer(parent)) continue;
    parent[last] = value;
    converted = true;
  }
  return converted;
}

function convertText(text: unknown, wanted: unknown): number | boolean | undefined {
  if (typeof text !== 'string') return undefined;
  if (wanted === 'boolean' && (text === 'true' || text === 'false')) return text === 'true';
  const isNumber = wanted === 'number' || wanted === 'integer';
  return isNumber && /^-?\d{1,15}(\.\d{1,15})?$/.test(text) ? Number(text) : undefined;
}

function placeOf(error: ErrorObject): Path {
  const path = parsePointer(error.instancePath);
  const params = error.params as { additionalProperty?: string; missingProperty?: string; propertyName?: string };
  const child = params.additionalProperty ?? params.missingProperty ?? params.propertyName;
  return child === undefined ? path : [...path, child];
}

interface ParentSchema {
  properties?: object;
  title?: string;
  type?: unknown;
}

const UNWANTED = 'is not allowed for a provider of this type';

const MESSAGES: Readonly<Record<string, (schema: ParentSchema, params: Record<string, unknown>) => string>> = {
  additionalProperties: (schema) =>
    `is not a known key; known here: ${Object.keys(schema.properties ?? {}).join(', ')}`,
  required: () => 'is missing',
  propertyNames: () =>
    'is not a usable name: letters, digits, ".", "_", ":" and "-" only, beginning with a letter or digit',
  'false schema': () => UNWANTED,
  enum: (_schema, params) => `must be one of ${(params.allowedValues as unknown[]).join(', ')}`,
  type: (schema) => `must be ${expectedTypes(schema.type)}`,
  minimum: (_schema, params) => `must be at least ${String(params.limit)}`,
  maximum: (_schema, params) => `must be at most ${String(params.limit)}`,
  exclusiveMinimum: (_schema, params) => `must be more than ${String(params.limit)}`,
  minItems: () => 'must not be empty',
  minLength: () => 'must not be empty',
  pattern: (schema) => `must be ${schema.title ?? 'of another form'}`,
};

function messageOf(error: ErrorObject): string {
  const render = MESSAGES[error.keyword];
  if (render === undefined) return error.message ?? 'is not valid';
  return render((error.parentSchema ?? {}) as ParentSchema, error.params as Record<string, unknown>);
}

function expectedTypes(type: unknown): string {
  const types: unknown[] = Array.isArray(type) ? type : [type];
  const names = types.filter((name) => name !== 'null').map((name) => TYPE_NAMES[String(name)] ?? String(name));
  return names.join(' or ');
}

function removeEntry(content: unknown, path: Path): void {
  const [section, name] = path;
  if (section === undefined || !isContainer(content)) return;
  const entries = content[section];
  if (name === undefined || !isContainer(entries)) Reflect.deleteProperty(content, section);
  else Reflect.deleteProperty(entries, name);
}

/** Each problem once; and of what must not be there at all, not what else is wrong with it. */
function withoutEchoes(problems: readonly FileProblem[]): FileProblem[] {
  const seen = new Set<string>();
  const unwanted = new Set(
    problems.filter(({ message }) => message === UNWANTED).map(({ path }) => JSON.stringify(path)),
  );
  return problems.filter(({ path, message }) => {
    if (message !== UNWANTED && unwanted.has(JSON.stringify(path))) return false;
    return seen.size !== seen.add(JSON.stringify([path, message])).size;
  });
}
