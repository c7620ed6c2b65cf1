/** Exit code of a process that was told twice to stop. */
export const FORCED_EXIT_CODE = 130;

/** Exit code of a process that ended because of a failure, so that whoever supervises it starts another. */
export const CRASH_EXIT_CODE = 1;

/** Under npm one Ctrl-C arrives twice, from the terminal and from npm; a person's second one comes later. */
export const SAME_SIGNAL_MS = 1_000;
