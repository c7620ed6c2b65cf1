/** How long the ledger is kept; type and injection token in one. */
export abstract class LedgerConfig {
  /** Days after which a request and its attempts may be deleted; 0 keeps them for ever. */
  abstract readonly retentionDays: number;
}
