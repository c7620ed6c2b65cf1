import type { AdmissionGauges } from './admission-telemetry.js';

/** How a provider stands at the moment. */
export interface ProviderGauges {
  readonly provider: string;
  /** `usable` leaves out those that were refused or have no money left. */
  readonly credentials: { readonly total: number; readonly usable: number };
  /** Null when its operator set no limits; `refused` counts requests that found no place, since the start. */
  readonly limits: { readonly inUse: number; readonly queued: number; readonly refused: number } | null;
}

/** The pool of connections to the database; what is counted is counted since the start. */
export interface PoolGauges {
  readonly size: number;
  readonly inUse: number;
  readonly waiting: number;
  /** How often a connection was asked for, and how often none was got. */
  readonly acquires: number;
  readonly failures: number;
  /** How long all of them together waited. */
  readonly waitedSeconds: number;
}

/** What of the ledger is not in the database yet. */
export interface LedgerGauges {
  /** Requests that are over and whose rows are not written. */
  readonly unsettled: number;
  /** Entries of the write-ahead file that are still needed, and its size. */
  readonly fileEntries: number;
  readonly fileBytes: number;
  /** How long rows have waited without any being written; 0 when none waits. */
  readonly stalledSeconds: number;
}

/** What waits in the database to be worked on, whichever process will do it. */
export interface Backlog {
  /** By queue, how long the job that waits longest could have been begun; queues where none waits are missing. */
  readonly oldestJobSeconds: Readonly<Record<string, number>>;
  /** Deliveries to webhooks that are enabled: how many wait, the age of the oldest, and how late the latest try is. */
  readonly webhooks: { readonly pending: number; readonly oldestSeconds: number; readonly overdueSeconds: number };
  /** Batches that are not over, and those that ended within a day, by status. */
  readonly batches: Readonly<Record<string, number>>;
}

/** Whether requests should be sent here, and what that depends on; false for what is away or degraded. */
export interface ReadinessGauges {
  readonly isReady: boolean;
  readonly dependencies: Readonly<Record<string, boolean>>;
}

/** What metrics ask of features that do not know them; a feature puts its own answer in place when it starts. */
export class MetricSources {
  /** Of the build that runs. */
  version = 'unknown';

  /** Jobs that wait, by queue; asked at every scrape. */
  queueDepths: () => Promise<Readonly<Record<string, number>>> = () => Promise.resolve({});

  /** What waits in the database; asked at every scrape. */
  backlog: () => Promise<Backlog | null> = () => Promise.resolve(null);

  /** Asked at every scrape. */
  readiness: () => Promise<ReadinessGauges | null> = () => Promise.resolve(null);

  /** Asked at every scrape. */
  pool: () => PoolGauges | null = () => null;

  /** Asked at every scrape. */
  ledger: () => LedgerGauges | null = () => null;

  /** Asked at every scrape. */
  admission: () => AdmissionGauges | null = () => null;

  /** Where limits are counted now: `redis` or `database`; null before anything was. */
  limitStore: () => string | null = () => null;

  /** How far the clock of this process is ahead of the database's, less than 0 when behind; asked at every scrape. */
  clockSkewSeconds: () => number = () => 0;

  /** Every provider as it stands; asked at every scrape. */
  providers: () => readonly ProviderGauges[] = () => [];

  /** Tells whether a model of a provider is one that the gateway knows of by itself, not by a client's word. */
  isKnownModel: (provider: string, model: string) => boolean = () => false;
}
