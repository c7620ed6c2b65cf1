import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { GatewayConfig } from '../config/gateway-config.js';
import { Cache } from './cache.js';
import type { ContentKey } from './content-key.js';
import { openValue, sealValue } from './seal-value.js';

/** A cache whose values only their own keys can open, compressed and bounded in length. Nothing here throws or rejects. */
@Injectable()
export class SealedCache implements OnApplicationShutdown {
  readonly #maxBytes: number;
  /** Those on their way into the cache: whoever looks for one meanwhile finds it here. */
  readonly #arriving = new Map<string, Buffer>();
  readonly #work = new Set<Promise<void>>();

  constructor(
    gateway: GatewayConfig,
    private readonly cache: Cache,
  ) {
    this.#maxBytes = gateway.caches.exact.maxAnswerBytes;
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all(this.#work);
  }

  /** Null when there is nothing, or nothing that the key opens. */
  async get(key: ContentKey): Promise<Buffer | null> {
    // A value may arrive, and be on its way, while the cache is asked.
    return this.#arriving.get(key.name) ?? (await this.#read(key)) ?? this.#arriving.get(key.name) ?? null;
  }

  /** Keeps the value, which can be found from now on; one that is too long is not kept. */
  set(key: ContentKey, value: Buffer, ttlMs: number): void {
    if (value.length > this.#maxBytes) return;
    this.#arriving.set(key.name, value);
    const work = this.#write(key, value, ttlMs).finally(() => {
      this.#work.delete(work);
      if (this.#arriving.get(key.name) === value) this.#arriving.delete(key.name);
    });
    this.#work.add(work);
  }

  async #read({ name, secret }: ContentKey): Promise<Buffer | null> {
    const sealed = await this.cache.get(name);
    return sealed && openValue(sealed, secret, this.#maxBytes);
  }

  async #write({ name, secret }: ContentKey, value: Buffer, ttlMs: number): Promise<void> {
    await this.cache.set(name, await sealValue(value, secret), { ttlMs });
    // A question that was asked before this reply, and missed, was answered before it: its asker looks once more.
    await new Promise((resolve) => setImmediate(resolve));
  }
}
