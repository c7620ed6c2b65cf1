import { Gauge, type Registry } from 'prom-client';
import type { LedgerGauges } from '../../core/telemetry/metric-sources.js';

/** The series about what of the ledger is not in the database yet. */
export class LedgerInstruments {
  readonly #unsettled: Gauge;
  readonly #entries: Gauge;
  readonly #bytes: Gauge;
  readonly #stalled: Gauge;

  constructor(registry: Registry) {
    const registers = [registry];
    this.#unsettled = new Gauge({
      name: 'trunkline_ledger_unsettled_requests',
      help: 'Requests that are over and not in the database yet.',
      registers,
    });
    this.#entries = new Gauge({
      name: 'trunkline_ledger_file_entries',
      help: 'Entries of the write-ahead file that are still needed.',
      registers,
    });
    this.#bytes = new Gauge({ name: 'trunkline_ledger_file_bytes', help: 'Size of the write-ahead file.', registers });
    this.#stalled = new Gauge({
      name: 'trunkline_ledger_stalled_seconds',
      help: 'How long rows have waited without any being written; the longest of the workers.',
      aggregator: 'max',
      registers,
    });
  }

  /** The ledger as it stands; null shows nothing new. */
  show(ledger: LedgerGauges | null): void {
    if (!ledger) return;
    this.#unsettled.set(ledger.unsettled);
    this.#entries.set(ledger.fileEntries);
    this.#bytes.set(ledger.fileBytes);
    this.#stalled.set(ledger.stalledSeconds);
  }
}
