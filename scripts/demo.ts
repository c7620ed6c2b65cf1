/** Indexes documents, asks questions about them and shows the answers: `npm run demo [folder]`. */
import './support/typescript-imports.mjs';

const { main } = await import('./demo/main.js');
process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  return 1;
});
