/** Measures retrieval on a test collection: `npm run eval -- --data DIR`. */
import './support/typescript-imports.mjs';

const { main } = await import('./eval/main.js');
process.exitCode = await main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  return 1;
});
