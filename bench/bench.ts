/** Measures Trunkline beside its peers on this machine and writes docs/benchmarks.md: `npm run bench -- [options]`. */
import '../scripts/support/typescript-imports.mjs';

const { main } = await import('./main.js');
process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  return 1;
});
