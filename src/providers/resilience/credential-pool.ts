import { createHash } from 'node:crypto';
import type { Clock } from '../../core/clock.js';
import { setBounded } from '../../core/set-bounded.js';

const FIRST_PAUSE_MS = 60_000;
const LONGEST_PAUSE_MS = 600_000;
const LONGEST_COOL_DOWN_MS = 60_000;
const DEFAULT_COOL_DOWN_MS = 1_000;
const MAX_REMEMBERED_MODELS = 500;

/** Why a credential may not be used at present. */
export type BlockReason = 'rate-limited' | 'permission' | 'authentication' | 'quota-exhausted';

interface Block {
  readonly reason: BlockReason;
  until: number;
  /** The pause that a failed probe doubles; 0 for a cool-down, which needs no probe. */
  readonly pauseMs: number;
  isProbing: boolean;
}

/** One key of a provider, or the absence of one where none is needed. */
export interface Credential {
  /** A hash that tells keys apart without giving them away; null without a key. */
  readonly id: string | null;
  readonly apiKey: string | null;
}

/** A credential that may not be used at present. */
export interface CredentialBlock {
  /** The credential's hash; null where there is no key. */
  readonly credential: string | null;
  readonly reason: BlockReason;
  /** True when it holds for every model of the provider. */
  readonly isEverywhere: boolean;
  readonly retryAfterMs: number;
}

/** `model` is null when the block holds for every model. */
type BlockListener = (reason: BlockReason, credential: Credential, model: string | null) => void;

interface Entry {
  readonly credential: Credential;
  everywhere: Block | null;
  readonly byModel: Map<string, Block>;
}

/**
 * The keys of one provider, used in turn. A key that was rate limited rests for one model; one that was refused is out of
 * use until a single probe, 60 s later, then after twice as long, up to 10 minutes.
 */
export class CredentialPool {
  readonly #entries: Entry[];
  readonly #clock: Clock;
  readonly #onBlocked: BlockListener;
  #next = 0;

  /** `onBlocked` hears of every block that begins; that of a failed probe begins anew. */
  constructor(apiKeys: readonly string[], clock: Clock, onBlocked: BlockListener = () => undefined) {
    const keys: readonly (string | null)[] = apiKeys.length > 0 ? apiKeys : [null];
    this.#clock = clock;
    this.#onBlocked = onBlocked;
    this.#entries = keys.map((apiKey) => ({
      credential: { id: apiKey === null ? null : hashOf(apiKey), apiKey },
      everywhere: null,
      byModel: new Map<string, Block>(),
    }));
  }

  get size(): number {
    return this.#entries.length;
  }

  /** The next usable credential, or null. Its user must report `succeeded`, a block, or `released`. */
  pick(model: string, excluded?: ReadonlySet<Credential>): Credential | null {
    const now = this.#clock.monotonic();
    for (let step = 0; step < this.#entries.length; step += 1) {
      const entry = this.#entries[(this.#next + step) % this.#entries.length];
      if (!entry || excluded?.has(entry.credential) || blockedForMs(entry, model, now) > 0) continue;
      this.#next = (this.#next + step + 1) % this.#entries.length;
      markProbe(entry.everywhere);
      markProbe(entry.byModel.get(model));
      return entry.credential;
    }
    return null;
  }

  hasUsable(model: string, excluded?: ReadonlySet<Credential>): boolean {
    const now = this.#clock.monotonic();
    return this.#entries.some((entry) => !excluded?.has(entry.credential) && blockedForMs(entry, model, now) <= 0);
  }

  countUsable(model: string): number {
    const now = this.#clock.monotonic();
    return this.#entries.filter((entry) => blockedForMs(entry, model, now) <= 0).length;
  }

  /** How many were neither refused nor have spent their money. */
  countEnabled(): number {
    const now = this.#clock.monotonic();
    return this.#entries.filter((entry) => remainingMs(entry.everywhere, now) <= 0).length;
  }

  /** Every credential that may not be used for the model now, with the longer of its blocks. */
  blocks(model: string): CredentialBlock[] {
    const now = this.#clock.monotonic();
    return this.#entries.flatMap((entry) => {
      const retryAfterMs = blockedForMs(entry, model, now);
      const block = longerBlock(entry, model);
      if (retryAfterMs <= 0 || !block) return [];
      const isEverywhere = block === entry.everywhere;
      return [{ credential: entry.credential.id, reason: block.reason, isEverywhere, retryAfterMs }];
    });
  }

  /** Why no credential can be used for the model and how long that lasts; null when one can. */
  blockage(model: string): { reason: BlockReason; retryAfterMs: number } | null {
    const now = this.#clock.monotonic();
    let soonest: { reason: BlockReason; retryAfterMs: number } | null = null;
    for (const entry of this.#entries) {
      const retryAfterMs = blockedForMs(entry, model, now);
      const block = longerBlock(entry, model);
      if (retryAfterMs <= 0 || !block) return null;
      if (!soonest || retryAfterMs < soonest.retryAfterMs) soonest = { reason: block.reason, retryAfterMs };
    }
    return soonest;
  }

  /** A request with the credential was answered: a block that it probed is lifted. */
  succeeded(credential: Credential, model: string): void {
    const entry = this.#entryOf(credential);
    if (!entry) return;
    if (entry.everywhere?.isProbing) entry.everywhere = null;
    if (entry.byModel.get(model)?.isProbing) entry.byModel.delete(model);
  }

  /** A request with the credential ended without telling anything about it. */
  released(credential: Credential, model: string): void {
    const entry = this.#entryOf(credential);
    if (!entry) return;
    if (entry.everywhere) entry.everywhere.isProbing = false;
    const block = entry.byModel.get(model);
    if (block) block.isProbing = false;
  }

  /** The credential rests for this model: as long as the provider asked, but a minute at most. */
  coolDown(credential: Credential, model: string, retryAfterMs: number | undefined): void {
    this.released(credential, model);
    const askedMs = retryAfterMs !== undefined && retryAfterMs > 0 ? retryAfterMs : DEFAULT_COOL_DOWN_MS;
    const restMs = Math.min(LONGEST_COOL_DOWN_MS, askedMs);
    const block: Block = {
      reason: 'rate-limited',
      until: this.#clock.monotonic() + restMs,
      pauseMs: 0,
      isProbing: false,
    };
    this.#blockModel(credential, model, block);
    this.#onBlocked('rate-limited', credential, model);
  }

  /** The credential is refused for this model. */
  forbid(credential: Credential, model: string): void {
    const before = this.#entryOf(credential)?.byModel.get(model);
    const block = this.#pause('permission', before);
    this.released(credential, model);
    this.#blockModel(credential, model, block);
    if (block !== before) this.#onBlocked('permission', credential, model);
  }

  /** The credential is refused everywhere, or its money is spent; `model` is the one that the request was for. */
  disable(credential: Credential, model: string, reason: 'authentication' | 'quota-exhausted'): void {
    const entry = this.#entryOf(credential);
    if (!entry) return;
    const before = entry.everywhere;
    const block = this.#pause(reason, before);
    this.released(credential, model);
    entry.everywhere = block;
    if (block !== before) this.#onBlocked(reason, credential, null);
  }

  /** Lifts every block. */
  reset(): void {
    for (const entry of this.#entries) {
      entry.everywhere = null;
      entry.byModel.clear();
    }
  }

  #pause(reason: BlockReason, before: Block | null | undefined): Block {
    const now = this.#clock.monotonic();
    // Requests that were under way when the block began say nothing new: only a failed probe makes it longer.
    if (before && before.pauseMs > 0 && !before.isProbing) return before;
    const pauseMs = before?.pauseMs ? Math.min(LONGEST_PAUSE_MS, before.pauseMs * 2) : FIRST_PAUSE_MS;
    return { reason, until: now + pauseMs, pauseMs, isProbing: false };
  }

  #blockModel(credential: Credential, model: string, block: Block): void {
    const byModel = this.#entryOf(credential)?.byModel;
    if (byModel) setBounded(byModel, model, block, MAX_REMEMBERED_MODELS);
  }

  #entryOf(credential: Credential): Entry | undefined {
    return this.#entries.find((entry) => entry.credential === credential);
  }
}

function longerBlock(entry: Entry, model: string): Block | undefined {
  const here = entry.byModel.get(model);
  if (!entry.everywhere || !here) return entry.everywhere ?? here;
  return entry.everywhere.until >= here.until ? entry.everywhere : here;
}

function blockedForMs(entry: Entry, model: string, now: number): number {
  if (entry.everywhere === null && entry.byModel.size === 0) return 0;
  return Math.max(remainingMs(entry.everywhere, now), remainingMs(entry.byModel.get(model), now));
}

function remainingMs(block: Block | null | undefined, now: number): number {
  if (!block) return 0;
  return block.isProbing ? Math.max(DEFAULT_COOL_DOWN_MS, block.until - now) : block.until - now;
}

function markProbe(block: Block | null | undefined): void {
  if (block && block.pauseMs > 0) block.isProbing = true;
}

function hashOf(apiKey: string): string {
  return createHash('sha256').update(apiKey).digest('hex').slice(0, 12);
}
