import { statfs } from 'node:fs/promises';
import { Injectable } from '@nestjs/common';
import { Registry } from 'prom-client';
import { DatabaseConfig } from '../config/database-config.js';
import { Clock } from '../core/clock.js';
import { MetricSources } from '../core/telemetry/metric-sources.js';
import type { DiskRoom } from './instruments/process-instruments.js';
import { ScrapedInstruments } from './instruments/scraped-instruments.js';
import { MetricLabels } from './metric-labels.js';

/** A scrape must not hang because a database does; shorter than the supervisor waits for a worker. */
const ANSWER_MS = 800;

/** What is asked for at a scrape: features and the database, each only so long. */
@Injectable()
export class ScrapedMetrics {
  readonly #instruments: ScrapedInstruments;
  readonly #underWay = new Map<() => Promise<unknown>, Promise<unknown>>();

  constructor(
    registry: Registry,
    private readonly labels: MetricLabels,
    private readonly sources: MetricSources,
    private readonly clock: Clock,
    private readonly database: DatabaseConfig,
  ) {
    this.#instruments = new ScrapedInstruments(registry);
  }

  /** Shows everything as it stands; what does not answer in time is not shown. Never rejects. */
  async refresh(): Promise<void> {
    const { sources } = this;
    const [depths, backlog, readiness, disk] = await Promise.all([
      this.#ask(sources.queueDepths),
      this.#ask(sources.backlog),
      this.#ask(sources.readiness),
      this.#ask(this.#disk),
    ]);
    const instruments = this.#instruments;
    instruments.backlog.show(
      depths && this.#bounded(depths),
      backlog && { ...backlog, oldestJobSeconds: this.#bounded(backlog.oldestJobSeconds) },
    );
    instruments.health.show(readiness, sources.limitStore());
    instruments.health.showClock(sources.clockSkewSeconds());
    instruments.database.show(sources.pool());
    instruments.ledger.show(sources.ledger());
    instruments.admission.show(sources.admission());
    instruments.process.show(sources.version, disk);
  }

  #bounded(byQueue: Readonly<Record<string, number>>): Readonly<Record<string, number>> {
    return Object.fromEntries(Object.entries(byQueue).map(([queue, number]) => [this.labels.queue(queue), number]));
  }

  readonly #disk = async (): Promise<DiskRoom> => {
    const { bavail, blocks, bsize } = await statfs(this.database.dataDir);
    return { free: bavail * bsize, size: blocks * bsize };
  };

  async #ask<T>(source: () => Promise<T>): Promise<T | null> {
    const done = new AbortController();
    const timeout = this.clock.sleep(ANSWER_MS, done.signal).then(
      () => null,
      () => null,
    );
    try {
      return await Promise.race([this.#answerOf(source), timeout]);
    } catch {
      return null;
    } finally {
      done.abort();
    }
  }

  // Anybody may scrape: what was asked and not answered yet is not asked again, least of all of a database that hangs.
  #answerOf<T>(source: () => Promise<T>): Promise<T> {
    const present = this.#underWay.get(source) as Promise<T> | undefined;
    if (present) return present;
    const answer = source().finally(() => this.#underWay.delete(source));
    this.#underWay.set(source, answer);
    return answer;
  }
}
