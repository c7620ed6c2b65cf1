/** Proves that the ledger adds up: builds when the sources changed, then runs dist/ledger-check.js. */
import { runBuilt } from './run-built.mjs';

await runBuilt('ledger-check.js');
