import type { Environment } from '../config/environment.js';

/** What a command is given. */
export interface CommandCall {
  readonly environment: Environment;
  /** Everything after the command's name. */
  readonly words: readonly string[];
  /** The version of this build. */
  readonly version: string;
  /** Prints a line for the operator. */
  readonly print: (line: string) => void;
}

/** Something that the operator does from the shell; resolves to the exit code. Throws MaintenanceError. */
export type Command = (call: CommandCall) => Promise<number>;
