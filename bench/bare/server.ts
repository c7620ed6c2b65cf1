/** Entry of the bare Trunkline's process. Runs the built product's own classes from dist, in as many processes as asked for. */
import cluster from 'node:cluster';
import '../../scripts/support/typescript-imports.mjs';

const workers = Number(process.argv[2] ?? 1);
if (workers > 1 && cluster.isPrimary) {
  for (let index = 0; index < workers; index += 1) cluster.fork();
  process.on('SIGTERM', () => process.exit(0));
} else {
  const { startBare } = await import('./start-bare.js');
  await startBare();
}
