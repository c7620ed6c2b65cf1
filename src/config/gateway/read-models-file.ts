import { relative, resolve } from 'node:path';
import { parseDocument } from 'yaml';
import type { ConfigurationProblem } from '../configuration-error.js';
import { readTextFile } from '../read-text-file.js';
import type { VariableReader } from '../read-variables.js';
import { formatPath, type Path } from './format-path.js';
import type { ModelsFile } from './models-file.js';
import { substituteVariables } from './substitute-variables.js';
import { validateModelsFile } from './validate-models-file.js';

export const DEFAULT_MODELS_FILE = 'config/trunkline.yaml';
const MAX_ALIASES = 100;

/** What the models file says, without the entries that are wrong, and what is wrong with those. */
export interface ReadModelsFile {
  /** As problems name it: the file's path and `: ` before the path inside. */
  readonly label: string;
  readonly file: ModelsFile;
  /** The names under `providers`, those of wrong entries too; null when the file has no such section. */
  readonly declaredProviders: readonly string[] | null;
  readonly problems: readonly ConfigurationProblem[];
}

/** Reads the file that `path` names; without one the default file of the directory, or nothing when there is none. */
export function readModelsFile(path: string | null, directory: string, read: VariableReader): ReadModelsFile {
  const label = path ?? DEFAULT_MODELS_FILE;
  const absolute = resolve(directory, label);
  const { text, reason } = readTextFile(absolute);
  if (text !== undefined) return parseModelsFile(text, relative(directory, absolute) || label, read);
  if (path === null && reason === 'ENOENT') return emptyFile(label);
  return unreadable(
    path === null ? label : 'TRUNKLINE_CONFIG',
    `names a file that cannot be read (${reason}): ${label}`,
  );
}

/** The same from the file's text; `label` names it in problems. */
export function parseModelsFile(text: string, label: string, read: VariableReader): ReadModelsFile {
  const document = parseDocument(text, { version: '1.2', uniqueKeys: true, prettyErrors: true, merge: false });
  const syntax = [...document.errors, ...document.warnings];
  if (syntax.length > 0) {
    const problems = syntax.map((error) => ({ where: label, message: firstLine(error.message) }));
    return { ...emptyFile(label), problems };
  }
  const unresolved = substituteVariables(document, read);
  let content: unknown;
  try {
    content = document.toJS({ maxAliasCount: MAX_ALIASES }) ?? {};
  } catch {
    return unreadable(label, 'has too many or unresolved YAML aliases');
  }
  const { file, declaredProviders, problems } = validateModelsFile(content);
  const at = (path: Path, message: string): ConfigurationProblem => ({ where: inFile(label, path), message });
  const reported = new Set(unresolved.map((problem) => formatPath(problem.path)));
  return {
    label,
    file,
    declaredProviders,
    problems: [
      ...unresolved.map((problem) => at(problem.path, problem.message)),
      ...problems
        .filter((problem) => !reported.has(formatPath(problem.path)))
        .map((problem) => at(problem.path, problem.message)),
    ],
  };
}

/** How a problem names a place in the file. */
export function inFile(label: string, path: Path): string {
  return path.length === 0 ? label : `${label}: ${formatPath(path)}`;
}

function emptyFile(label: string): ReadModelsFile {
  return { label, file: {}, declaredProviders: null, problems: [] };
}

function unreadable(where: string, message: string): ReadModelsFile {
  return { ...emptyFile(where), problems: [{ where, message }] };
}

function firstLine(message: string): string {
  return message.split('\n')[0]?.replace(/:$/, '') ?? message;
}
