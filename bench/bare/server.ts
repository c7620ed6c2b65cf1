/** Entry of the bare Trunkline's process. Runs the built product's own classes from dist. */
import '../../scripts/support/typescript-imports.mjs';

const { startBare } = await import('./start-bare.js');
await startBare();
