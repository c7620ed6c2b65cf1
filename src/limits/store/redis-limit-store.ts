import { type BeforeApplicationShutdown, Injectable, type OnModuleInit } from '@nestjs/common';
import { RedisConnection, Script } from '../../cache/redis-connection.js';
import { DatabaseConfig } from '../../config/database-config.js';
import { Clock } from '../../core/clock.js';
import { INSTANCE_DEAD_AFTER_SECONDS, InstanceHeartbeatService } from '../../database/instance-heartbeat.service.js';
import { type LimitBatch, type LimitReply, LimitStore } from './limit-store.js';
import { REDIS_FORGET_SCRIPT, REDIS_LIMIT_SCRIPT } from './redis-limit-script.js';

const EXCHANGE = new Script(REDIS_LIMIT_SCRIPT);
const FORGET = new Script(REDIS_FORGET_SCRIPT);
const BEAT_MS = 5_000;
const NOT_HELD = -1;

interface ScriptReply {
  atMs: number;
  minutes: number[];
  used: number[];
  spares: number[];
  // An empty list of Lua is an empty object of JSON.
  granted: boolean[] | Record<string, never>;
}

/** Counts in Redis, where everything of one installation lies in one slot. */
@Injectable()
export class RedisLimitStore extends LimitStore implements OnModuleInit, BeforeApplicationShutdown {
  readonly #prefix: string;
  /** What this process is called there; what was held under an earlier name is held no longer. */
  #name: string;
  #lives = 0;
  #cancelBeat: (() => void) | null = null;

  constructor(
    private readonly redis: RedisConnection,
    private readonly heartbeat: InstanceHeartbeatService,
    private readonly clock: Clock,
    database: DatabaseConfig,
  ) {
    super();
    this.#prefix = `{trunkline:${database.schema}}:limits:`;
    this.#name = heartbeat.instanceId;
  }

  onModuleInit(): void {
    if (this.redis.isConfigured) this.#scheduleBeat();
  }

  beforeApplicationShutdown(): void {
    this.#cancelBeat?.();
    this.#cancelBeat = () => undefined;
  }

  async exchange({ lines, takes, share }: LimitBatch): Promise<LimitReply> {
    const batch = {
      instance: this.#name,
      deadMs: INSTANCE_DEAD_AFTER_SECONDS * 1_000,
      share,
      limits: lines.map(({ limit }) => limit),
      held: lines.map(({ held }) => held ?? NOT_HELD),
      fixMinutes: lines.map(({ correction }) => correction?.minute ?? NOT_HELD),
      fixes: lines.map(({ correction }) => correction?.amount ?? 0),
      // Lua counts from one.
      takes: takes.map((take) => take.map(({ line, amount }) => [line + 1, amount])),
    };
    const keys = [this.#instancesKey, ...lines.map(({ meter }) => `${this.#prefix}${meter}`)];
    const reply = JSON.parse(String(await this.redis.evaluate(EXCHANGE, keys, [JSON.stringify(batch)]))) as ScriptReply;
    return {
      atMs: reply.atMs,
      granted: Array.isArray(reply.granted) ? reply.granted : [],
      lines: lines.map((_line, index) => ({
        minute: reply.minutes[index] ?? 0,
        used: reply.used[index] ?? 0,
        spare: reply.spares[index] ?? 0,
      })),
    };
  }

  async forget(): Promise<void> {
    const earlier = this.#name;
    this.#lives += 1;
    this.#name = `${this.heartbeat.instanceId}.${String(this.#lives)}`;
    await this.redis.evaluate(FORGET, [this.#instancesKey], [earlier]);
  }

  get #instancesKey(): string {
    return `${this.#prefix}instances`;
  }

  // A process that only waits for long answers lives too.
  #scheduleBeat(): void {
    const again = (): void => {
      if (this.#cancelBeat === cancel) this.#scheduleBeat();
    };
    const cancel = this.clock.schedule(() => {
      if (!this.redis.isUsable) again();
      else this.exchange({ lines: [], takes: [], share: 1 }).then(again, again);
    }, BEAT_MS);
    this.#cancelBeat = cancel;
  }
}
