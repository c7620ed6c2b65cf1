import { Injectable, type OnModuleInit } from '@nestjs/common';
import { MetricSources } from '../../core/telemetry/metric-sources.js';
import { LedgerWriter } from './ledger-writer.service.js';

/** Gives metrics what the ledger has not written yet. */
@Injectable()
export class LedgerGaugesBinding implements OnModuleInit {
  constructor(
    private readonly sources: MetricSources,
    private readonly writer: LedgerWriter,
  ) {}

  onModuleInit(): void {
    this.sources.ledger = () => this.writer.gauges;
  }
}
