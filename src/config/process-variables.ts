import { resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { ConfigurationError } from './configuration-error.js';
import { readTextFile } from './read-text-file.js';
import type { VariableSource } from './read-variables.js';

/**
 * The variables of this process and, where it has none of the name, those of `.env` in the directory, when there is one.
 * @throws ConfigurationError when the file is there and cannot be read.
 */
export function processVariables(
  directory: string = process.cwd(),
  variables: VariableSource = process.env,
): VariableSource {
  const { text, reason } = readTextFile(resolve(directory, '.env'));
  if (text !== undefined) return { ...parseEnv(text), ...variables };
  if (reason === 'ENOENT') return variables;
  throw new ConfigurationError([{ where: '.env', message: `cannot be read (${reason})` }]);
}
