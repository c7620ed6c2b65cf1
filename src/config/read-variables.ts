import 'reflect-metadata';
import { resolve } from 'node:path';
import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import type { ConfigurationProblem } from './configuration-error.js';
import { EnvironmentVariables } from './environment-variables.js';
import { mistypedVariables } from './mistyped-variables.js';
import { readTextFile } from './read-text-file.js';

export type VariableSource = Readonly<Record<string, string | undefined>>;

/** The value of a variable or of the file that `NAME_FILE` names; null when there is neither. Reports what is wrong. */
export type VariableReader = (name: string) => string | null;

/** The variables that hold secrets and may therefore be read from a file. */
export const SECRET_VARIABLES = [
  'DATABASE_URL',
  'REDIS_URL',
  'OPENAI_API_KEY',
  'ANTHROPIC_API_KEY',
  'GEMINI_API_KEY',
  'GOOGLE_API_KEY',
  'AZURE_OPENAI_API_KEY',
  'TRUNKLINE_ADMIN_KEY',
  'TRUNKLINE_SECRET',
  'TRUNKLINE_SECRET_PREVIOUS',
  'OTEL_EXPORTER_OTLP_HEADERS',
  'OTEL_EXPORTER_OTLP_TRACES_HEADERS',
] as const;

/**
 * Reads variables of `source`, following `NAME_FILE` (a path relative to `directory`); problems are added to `problems`,
 * each once.
 */
export function createVariableReader(
  source: VariableSource,
  directory: string,
  problems: ConfigurationProblem[],
): VariableReader {
  const known = new Map<string, string | null>();
  return (name) => {
    const earlier = known.get(name);
    if (earlier !== undefined) return earlier;
    const value = readVariable(name, source, directory, problems);
    known.set(name, value);
    return value;
  };
}

/** The validated variables; those that are wrong keep a value of the wrong shape, and `problems` says so. */
export function readVariables(
  read: VariableReader,
  source: VariableSource,
  problems: ConfigurationProblem[],
): EnvironmentVariables {
  const secrets: readonly string[] = SECRET_VARIABLES;
  const present: Record<string, string> = {};
  for (const name of Object.keys(new EnvironmentVariables())) {
    const value = secrets.includes(name) ? read(name) : (source[name] ?? '').trim();
    if (value !== null && value !== '') present[name] = value;
  }
  const names = [...Object.keys(new EnvironmentVariables()), ...secrets.map((name) => `${name}_FILE`)];
  problems.push(...mistypedVariables(Object.keys(source), names));
  const variables = plainToInstance(EnvironmentVariables, present, { exposeDefaultValues: true });
  for (const error of validateSync(variables, { stopAtFirstError: true, forbidUnknownValues: true })) {
    const [message = 'is not valid'] = Object.values(error.constraints ?? {});
    problems.push({ where: error.property, message: message + shownValue(error.property, present) });
  }
  return variables;
}

function shownValue(name: string, present: Readonly<Record<string, string>>): string {
  const secrets: readonly string[] = SECRET_VARIABLES;
  return secrets.includes(name) ? '' : `, not ${JSON.stringify(present[name] ?? '')}`;
}

function readVariable(
  name: string,
  source: VariableSource,
  directory: string,
  problems: ConfigurationProblem[],
): string | null {
  const value = (source[name] ?? '').trim();
  const file = (source[`${name}_FILE`] ?? '').trim();
  if (file === '') return value === '' ? null : value;
  if (value !== '') {
    problems.push({ where: name, message: `is set together with ${name}_FILE; keep one of them` });
    return value;
  }
  const { text, reason } = readTextFile(resolve(directory, file));
  if (text?.trim()) return text.trim();
  const message =
    reason === undefined ? `names an empty file: ${file}` : `names a file that cannot be read (${reason}): ${file}`;
  problems.push({ where: `${name}_FILE`, message });
  return null;
}
