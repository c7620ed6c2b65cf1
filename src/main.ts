import 'reflect-metadata';
import cluster from 'node:cluster';
import { loadProcessEnvironment } from './config/load-process-environment.js';
import { describeStartFailure } from './start-failure.js';
import { superviseWorkers } from './workers/supervise-workers.js';

// Who reads along may leave, and the server goes on: what nobody reads is lost.
for (const output of [process.stdout, process.stderr]) output.on('error', () => undefined);

async function main(): Promise<void> {
  const environment = loadProcessEnvironment();
  if (environment.server.workers > 1 && cluster.isPrimary) {
    superviseWorkers(environment.server.workers);
    return;
  }
  // The process that only supervises is spared the memory of all of it.
  const { serve } = await import('./serve.js');
  await serve(environment);
}

main().catch((error: unknown) => {
  process.stderr.write(`\nTrunkline cannot start.\n\n${describeStartFailure(error)}\n`);
  process.exit(1);
});
