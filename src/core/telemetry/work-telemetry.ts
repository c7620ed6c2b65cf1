/**
 * How an attempt at a job ended: `retried` failed and will be tried again, `postponed` waits for something, `interrupted` was
 * stopped with its process, `taken-over` is somebody else's by now.
 */
export type JobOutcome = 'succeeded' | 'failed' | 'retried' | 'postponed' | 'cancelled' | 'interrupted' | 'taken-over';

/** What became of a try to deliver to a webhook: `retried` failed and will be tried again, `failed` was the last one. */
export type DeliveryTryOutcome = 'delivered' | 'retried' | 'failed';

/** Where a request went after an attempt that failed: to the same target again, or to another one. */
export type RepeatWay = 'retry' | 'failover';
