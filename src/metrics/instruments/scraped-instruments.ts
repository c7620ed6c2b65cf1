import type { Registry } from 'prom-client';
import { AdmissionGaugeInstruments } from './admission-gauge-instruments.js';
import { BacklogInstruments } from './backlog-instruments.js';
import { DatabaseInstruments } from './database-instruments.js';
import { HealthInstruments } from './health-instruments.js';
import { LedgerInstruments } from './ledger-instruments.js';
import { ProcessInstruments } from './process-instruments.js';

/** Instruments of what is asked for at a scrape, registered with one registry. */
export class ScrapedInstruments {
  readonly admission: AdmissionGaugeInstruments;
  readonly backlog: BacklogInstruments;
  readonly database: DatabaseInstruments;
  readonly health: HealthInstruments;
  readonly ledger: LedgerInstruments;
  readonly process: ProcessInstruments;

  constructor(registry: Registry) {
    this.admission = new AdmissionGaugeInstruments(registry);
    this.backlog = new BacklogInstruments(registry);
    this.database = new DatabaseInstruments(registry);
    this.health = new HealthInstruments(registry);
    this.ledger = new LedgerInstruments(registry);
    this.process = new ProcessInstruments(registry);
  }
}
