import 'reflect-metadata';
import { Logger } from '@nestjs/common';
import { loadProcessEnvironment } from './config/load-process-environment.js';
import { adminKey } from './maintenance/admin-key.command.js';
import { backup } from './maintenance/backup.command.js';
import type { Command } from './maintenance/command.js';
import { MaintenanceError } from './maintenance/maintenance-error.js';
import { move } from './maintenance/move.command.js';
import { restore } from './maintenance/restore.command.js';
import { rotateSecret } from './maintenance/rotate-secret.command.js';
import { describeStartFailure } from './start-failure.js';
import { VERSION } from './version.js';

const COMMANDS = new Map<string, Command>([
  ['move', move],
  ['backup', backup],
  ['restore', restore],
  ['rotate-secret', rotateSecret],
  ['admin-key', adminKey],
]);

/*
 * What an operator does from the shell: `npm run move`, `backup`, `restore`, `rotate-secret` and `admin-key`; in the image
 * `node dist/maintain.js COMMAND ...`. The exit code is 0 when all of it was done.
 */
async function main([name = '', ...words]: readonly string[]): Promise<number> {
  Logger.overrideLogger(false);
  const command = COMMANDS.get(name);
  if (!command) throw new MaintenanceError(`Name one of: ${[...COMMANDS.keys()].join(', ')}.`);
  return command({ environment: loadProcessEnvironment(), words, version: VERSION, print });
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    const reason = error instanceof MaintenanceError ? error.message : describeStartFailure(error);
    process.stderr.write(`${reason}\n`);
    process.exitCode = 1;
  },
);
