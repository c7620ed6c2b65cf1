import { createHash } from 'node:crypto';
import { Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { createClient, ErrorReply, RESP_TYPES, type RedisClientType } from '@redis/client';
import { RedisConfig } from '../config/redis-config.js';
import { Clock } from '../core/clock.js';
import { OptionalDependencies } from '../core/optional-dependencies.js';
import { within } from '../core/within.js';

/** How long a start waits for Redis before it goes on without. */
const START_MS = 1_000;
const CONNECT_MS = 1_000;
const COMMAND_MS = 500;
const MOST_RETRY_MS = 2_000;
/** How long Redis is left alone after a command that failed; then it is asked how it does, and nobody waits for that. */
const REST_MS = 1_000;
const AS_BYTES = { typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer } };

/**
 * The connection to Redis, when there is one. It is an accelerator: while it is away others do its work, so nothing here waits
 * for it longer than half a second, and each outage is logged once.
 */
@Injectable()
export class RedisConnection implements OnModuleInit, OnApplicationShutdown {
  readonly #logger = new Logger(RedisConnection.name);
  readonly #client: RedisClientType | null;
  #isResting = false;
  #generation = 0;
  #isDown = false;
  #wasRefused = false;
  #onChange: () => void = () => undefined;

  constructor(
    config: RedisConfig,
    dependencies: OptionalDependencies,
    private readonly clock: Clock,
  ) {
    this.#client = config.url === null ? null : this.#create(config.url);
    if (this.#client) dependencies.add('redis', () => this.isUsable);
  }

  get isConfigured(): boolean {
    return this.#client !== null;
  }

  /** Whether commands may be sent now. */
  get isUsable(): boolean {
    return this.#client !== null && this.#client.isReady && !this.#isResting;
  }

  /** Grows with every new connection: Redis may have lost everything before it. */
  get generation(): number {
    return this.#generation;
  }

  /** Calls `listener` whenever Redis went away, and for every new connection. */
  onChange(listener: () => void): void {
    const earlier = this.#onChange;
    this.#onChange = () => {
      earlier();
      listener();
    };
  }

  async onModuleInit(): Promise<void> {
    const client = this.#client;
    if (!client) return;
    const waiting = new AbortController();
    const connected = client.connect().then(
      () => undefined,
      (error: unknown) => {
        this.#noteFailure(error);
      },
    );
    await Promise.race([connected, this.clock.sleep(START_MS, waiting.signal).catch(() => undefined)]);
    waiting.abort(new Error('Redis answered.'));
    if (!client.isReady) this.#noteFailure(new Error('it did not answer at the start'));
  }

  onApplicationShutdown(): void {
    if (this.#client?.isOpen) this.#client.destroy();
  }

  /** Runs a script by its digest, or by its text where Redis does not know it yet. Rejects within half a second. */
  async evaluate(script: Script, keys: readonly string[], parameters: readonly string[]): Promise<unknown> {
    const rest = [String(keys.length), ...keys, ...parameters];
    try {
      return await this.#send(['EVALSHA', script.digest, ...rest]);
    } catch (error) {
      if (isUnknownScript(error)) return this.#send(['EVAL', script.text, ...rest]);
      throw error;
    }
  }

  /**
   * The reply to a command whose failure matters to nobody else, texts as bytes. Rejects with `RefusedError` when Redis answers
   * that it will not; any other failure is an outage.
   */
  async ask(command: (string | Buffer)[], withinMs: number): Promise<unknown> {
    const client = this.#usable();
    try {
      return await within(client.sendCommand(command, AS_BYTES), withinMs, this.clock);
    } catch (error) {
      if (error instanceof ErrorReply) throw new RefusedError(error.message);
      this.#rest(error);
      throw error;
    }
  }

  async #send(command: string[]): Promise<unknown> {
    const client = this.#usable();
    try {
      const reply: unknown = await within(client.sendCommand(command), COMMAND_MS, this.clock);
      this.#noteSuccess();
      return reply;
    } catch (error) {
      if (!isUnknownScript(error)) this.#rest(error);
      throw error;
    }
  }

  #usable(): RedisClientType {
    if (!this.#client || !this.isUsable) throw new Error('Redis is not connected.');
    return this.#client;
  }

  #rest(error: unknown): void {
    this.#wasRefused = error instanceof ErrorReply;
    this.#noteFailure(error);
    if (this.#isResting) return;
    this.#isResting = true;
    this.#probeLater();
  }

  #probeLater(): void {
    this.clock.schedule(() => {
      void this.#probe();
    }, REST_MS);
  }

  // One question, however long its answer takes: a Redis that hangs is asked nothing more until it answers or is gone.
  async #probe(): Promise<void> {
    const client = this.#client;
    if (!this.#isResting || !client?.isOpen) return;
    try {
      await client.sendCommand(['PING']);
    } catch {
      this.#probeLater();
      return;
    }
    this.#isResting = false;
    if (!this.#wasRefused) this.#noteSuccess();
  }

  #create(url: string): RedisClientType {
    const client: RedisClientType = createClient({
      url,
      name: 'trunkline',
      disableOfflineQueue: true,
      socket: { connectTimeout: CONNECT_MS, reconnectStrategy: (tries) => Math.min(MOST_RETRY_MS, 100 * (tries + 1)) },
    });
    client.on('error', (error: unknown) => {
      this.#noteFailure(error);
    });
    client.on('ready', () => {
      this.#generation += 1;
      this.#isResting = false;
      this.#noteSuccess();
      this.#onChange();
    });
    return client;
  }

  #noteSuccess(): void {
    if (this.#isDown) this.#logger.log('Redis answers again.');
    this.#isDown = false;
  }

  #noteFailure(error: unknown): void {
    if (this.#isDown) return;
    this.#isDown = true;
    this.#logger.warn(`Redis is not available: ${(error as Error).message}`);
    this.#onChange();
  }
}

/** Redis is well and refuses a command: because it is full, or may not be written to. */
export class RefusedError extends Error {}

/** A script with the digest that Redis knows it by. */
export class Script {
  readonly digest: string;

  constructor(readonly text: string) {
    this.digest = createHash('sha1').update(text).digest('hex');
  }
}

function isUnknownScript(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('NOSCRIPT');
}
