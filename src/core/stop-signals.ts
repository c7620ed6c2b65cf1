/** Exit code of a process that was told twice to stop. */
export const FORCED_EXIT_CODE = 130;

/** Under npm one Ctrl-C arrives twice, from the terminal and from npm; a person's second one comes later. */
export const SAME_SIGNAL_MS = 1_000;
