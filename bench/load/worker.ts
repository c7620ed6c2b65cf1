/** Entry of the load's process: takes jobs from its parent, one at a time. */
import '../../scripts/support/typescript-imports.mjs';

const { serveJobs } = await import('./serve-jobs.js');
serveJobs();
