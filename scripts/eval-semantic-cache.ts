/** Measures how often the semantic cache would be right, and how often wrong: `npm run eval:semantic-cache`. */
import './support/typescript-imports.mjs';

const { main } = await import('./eval/semantic-cache/main.js');
process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  return 1;
});
