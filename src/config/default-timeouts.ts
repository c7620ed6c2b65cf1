import type { TimeoutConfig } from './gateway-config.js';

/** The timers of a call whose model sets none of its own. */
export const DEFAULT_TIMEOUTS: TimeoutConfig = {
  connectMs: 5_000,
  firstContentMs: 12_000,
  responseHeadMs: 120_000,
  idleMs: 20_000,
  bodyMs: 30_000,
  totalMs: 600_000,
};

/** The timers of a call that reasons before it speaks, where they differ from the default ones. */
export const REASONING_TIMEOUTS: Readonly<Partial<TimeoutConfig>> = {
  firstContentMs: 120_000,
  responseHeadMs: 300_000,
  idleMs: 60_000,
};
