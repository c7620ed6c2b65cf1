import { Injectable, Logger } from '@nestjs/common';
import { Clock } from '../../core/clock.js';
import { isStorableId, ProviderStateStore } from './provider-state-store.js';
import type { ToolCallState } from './tool-call-state.js';

/** Longer than the database ever needs for it; a chat waits no longer. */
const BOUND_MS = 500;
const PAUSE_MS = 5_000;
/** As many calls as one lookup asks for. */
export const MOST_IDS = 200;
const NOTHING: ReadonlyMap<string, ToolCallState> = new Map();

/** Asks the shared table, as long as it answers: a database that is away costs chats half a second in five, and nothing else. */
@Injectable()
export class ProviderStateLookup {
  readonly #logger = new Logger(ProviderStateLookup.name);
  #pausedUntil = -Infinity;

  constructor(
    private readonly store: ProviderStateStore,
    private readonly clock: Clock,
  ) {}

  /** The states of the project's calls by their ids; of very many, those of the last ones. Null when nobody could be asked. */
  async find(projectId: string, callIds: readonly string[]): Promise<ReadonlyMap<string, ToolCallState> | null> {
    if (this.clock.monotonic() < this.#pausedUntil) return null;
    const ids = callIds.filter(isStorableId).slice(-MOST_IDS);
    if (ids.length === 0) return NOTHING;
    const done = new AbortController();
    const late = this.clock.sleep(BOUND_MS, done.signal).then(() => {
      throw new Error('The database did not answer in time.');
    });
    const found = this.store.find(projectId, ids);
    // Whichever comes second is nobody's concern any more.
    late.catch(() => undefined);
    found.catch(() => undefined);
    try {
      return await Promise.race([found, late]);
    } catch (error) {
      this.#pausedUntil = this.clock.monotonic() + PAUSE_MS;
      this.#logger.warn(`Provider state of other processes cannot be read at present: ${(error as Error).message}`);
      return null;
    } finally {
      done.abort(new Error('The lookup is over.'));
    }
  }
}
