import { type BeforeApplicationShutdown, Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { GatewayConfig } from '../config/gateway-config.js';
import { Clock } from '../core/clock.js';
import { AppError } from '../core/errors/app-error.js';
import { ProviderRegistry } from '../providers/provider-registry.js';

/** Every process has done a reset after this long and the time of one query; five seconds are promised. */
const LOOK_MS = 2_000;

interface ResetRow {
  provider: string;
  revision: string;
  at: Date;
}

/** Who asked for a reset, for the log. */
export interface ResetAuthor {
  readonly keyId: string;
  readonly reason: string | null;
}

/** Resets providers in every process on this database: each looks every two seconds whether there is a new one. */
@Injectable()
export class ProviderResetsService implements OnModuleInit, BeforeApplicationShutdown {
  readonly #logger = new Logger('Providers');
  /** The newest revision that was performed here, by provider. */
  readonly #done = new Map<string, number>();
  #cancelNext: (() => void) | null = null;
  #isStopped = false;

  constructor(
    private readonly dataSource: DataSource,
    private readonly registry: ProviderRegistry,
    private readonly gateway: GatewayConfig,
    private readonly clock: Clock,
  ) {}

  /** What was reset before this process began needs nothing here. */
  async onModuleInit(): Promise<void> {
    for (const { provider, revision } of await this.#read()) this.#done.set(provider, Number(revision));
    this.#schedule();
  }

  beforeApplicationShutdown(): void {
    this.#isStopped = true;
    this.#cancelNext?.();
  }

  /**
   * Closes the provider's breakers, ends its cool-downs and takes its credentials back into use: here at once, in every
   * other process within five seconds. Resolves to when it was asked for. Throws `not_found` for an unknown provider.
   */
  async reset(provider: string, author: ResetAuthor): Promise<Date> {
    if (!this.gateway.providers.some(({ name }) => name === provider)) {
      const known = this.gateway.providers.map(({ name }) => name).join(', ');
      throw new AppError('not_found', `There is no provider of that name. There are: ${known}.`);
    }
    const rows: ResetRow[] = await this.dataSource.query(
      `insert into provider_reset (provider) values ($1)
       on conflict (provider) do update set revision = provider_reset.revision + 1, at = now()
       returning provider, revision, at`,
      [provider],
    );
    const [row] = rows;
    if (!row) throw new Error('The reset was not written.');
    this.#perform(row);
    const reason = author.reason === null ? '' : ` Reason: ${JSON.stringify(author.reason)}.`;
    this.#logger.log(`${provider} was reset by the key ${author.keyId}.${reason}`);
    return row.at;
  }

  #schedule(): void {
    this.#cancelNext = this.clock.schedule(() => {
      // The heartbeat, which asks the same database, tells of failures; what was missed is seen the next time.
      this.#look()
        .catch(() => undefined)
        .finally(() => {
          if (!this.#isStopped) this.#schedule();
        });
    }, LOOK_MS);
  }

  async #look(): Promise<void> {
    for (const row of await this.#read()) {
      // What was read may be older than what was asked for here meanwhile.
      if (Number(row.revision) <= (this.#done.get(row.provider) ?? 0)) continue;
      this.#perform(row);
      this.#logger.log(`${row.provider} was reset through another process.`);
    }
  }

  #perform({ provider, revision }: ResetRow): void {
    this.#done.set(provider, Number(revision));
    this.registry.reset(provider);
  }

  #read(): Promise<ResetRow[]> {
    return this.dataSource.query('select provider, revision, at from provider_reset');
  }
}
