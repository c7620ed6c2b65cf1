import { parseArgs, type ParseArgsConfig } from 'node:util';
import { MaintenanceError } from './maintenance-error.js';

/** What was said behind a command's name. */
export interface Words {
  readonly names: readonly string[];
  text(option: string): string | null;
  has(option: string): boolean;
}

/** Reads options and names; `usage` is shown for what the command does not take. Throws MaintenanceError. */
export function readWords(
  words: readonly string[],
  options: NonNullable<ParseArgsConfig['options']>,
  { names, usage }: { names: number; usage: string },
): Words {
  const read = parse(words, options, usage);
  if (read.positionals.length !== names) throw new MaintenanceError(`Usage: ${usage}`);
  return {
    names: read.positionals,
    text: (option) => {
      const value = read.values[option];
      return typeof value === 'string' ? value : null;
    },
    has: (option) => read.values[option] === true,
  };
}

function parse(
  words: readonly string[],
  options: NonNullable<ParseArgsConfig['options']>,
  usage: string,
): { values: Readonly<Record<string, unknown>>; positionals: string[] } {
  try {
    return parseArgs({ args: [...words], options, allowPositionals: true, strict: true });
  } catch (error) {
    throw new MaintenanceError(`${(error as Error).message}\nUsage: ${usage}`, { cause: error });
  }
}
