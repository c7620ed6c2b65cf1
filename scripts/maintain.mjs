/** Runs a command of dist/maintain.js; builds first when the sources changed. */
import { runBuilt } from './run-built.mjs';

await runBuilt('maintain.js');
