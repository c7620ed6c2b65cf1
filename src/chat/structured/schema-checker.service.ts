import { createHash } from 'node:crypto';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { Clock } from '../../core/clock.js';
import { AppError } from '../../core/errors/app-error.js';
import { FairQueue } from '../../core/fair-queue.js';
import type { JsonObject } from '../../core/json.js';
import { type StructuredFeature, type StructuredOutcome, Telemetry } from '../../core/telemetry/telemetry.js';
import { type CheckLimits, SchemaThread } from './schema-thread.js';
import type { JsonCheck, ToSchemaWorker } from './worker/messages.js';

const LIMITS: CheckLimits = { cpuMs: 1_000, wallMs: 10_000, startMs: 30_000 };
const MOST_WAITING = 256;
const MOST_WAITING_OF_PROJECT = 64;
/** What the thread's memory is good for. */
const MOST_CHARACTERS = 2_000_000;
const TRIES = 2;
/** Schemas that used too much: nobody waits for the same one again. */
const MOST_REMEMBERED = 1_000;
const TOO_COSTLY: JsonCheck = {
  kind: 'unusable',
  problems: [{ path: 'schema', message: 'takes too long to check. Make it smaller, or its alternatives fewer' }],
};
const TEXT_TOO_COSTLY: JsonCheck = {
  kind: 'invalid',
  problems: [{ path: 'data', message: 'takes too long to check against the schema' }],
};
const TOO_LONG: JsonCheck = {
  kind: 'invalid',
  problems: [{ path: 'data', message: `is longer than ${MOST_CHARACTERS.toLocaleString('en')} characters` }],
};

/** Who wants to know. */
export interface CheckAsker {
  readonly projectId: string;
  /** What it is counted for; null for who asks once more. */
  readonly feature: StructuredFeature | null;
}

/**
 * Checks what models wrote against JSON Schemas that clients wrote. It happens in a thread of its own, with a second of
 * processor time for each check, and by turns among projects, so that no schema and no text holds up others for long.
 */
@Injectable()
export class SchemaChecker implements OnApplicationShutdown {
  readonly #clock: Clock;
  readonly #queue = new FairQueue();
  readonly #tooCostly = new LRUCache<string, true>({ max: MOST_REMEMBERED });
  #thread: SchemaThread | null = null;
  #isOver = false;

  constructor(
    clock: Clock,
    private readonly telemetry: Telemetry,
  ) {
    this.#clock = clock;
  }

  /** Whether a schema is of use: `valid`, or `unusable` with what is wrong with it. Rejects with `overloaded`. */
  tryOut(schema: JsonObject, projectId: string): Promise<JsonCheck> {
    return this.#enqueue(projectId, JSON.stringify(schema), null);
  }

  /**
   * Checks a text that should be JSON. Rejects with `overloaded` when too many checks wait.
   */
  async check(schema: JsonObject, text: string, { projectId, feature }: CheckAsker): Promise<JsonCheck> {
    let outcome: StructuredOutcome = 'unchecked';
    try {
      const check =
        text.length > MOST_CHARACTERS ? TOO_LONG : await this.#enqueue(projectId, JSON.stringify(schema), text);
      if (check.kind !== 'unusable') outcome = check.kind;
      return check;
    } finally {
      if (feature !== null) this.telemetry.structuredChecked({ feature, outcome });
    }
  }

  async onApplicationShutdown(): Promise<void> {
    this.#isOver = true;
    await this.#thread?.end();
  }

  async #enqueue(projectId: string, schema: string, text: string | null): Promise<JsonCheck> {
    const isFull = this.#queue.size >= MOST_WAITING || this.#queue.waitingOf(projectId) >= MOST_WAITING_OF_PROJECT;
    if (isFull || this.#isOver) {
      throw new AppError('overloaded', 'Too many answers wait to be checked. Try again shortly.', {
        retryAfterMs: 1_000,
      });
    }
    return this.#queue.run(projectId, () => this.#check(schema, text));
  }

  async #check(schema: string, text: string | null): Promise<JsonCheck> {
    const key = createHash('sha256').update(schema).digest('base64');
    if (this.#tooCostly.has(key)) return TOO_COSTLY;
    const check = await this.#send({ schema, text }, TRIES);
    if (typeof check === 'object') return check;
    // A schema that others use, too, is not to blame for the text of one of them.
    const isTextToBlame = text !== null && typeof (await this.#send({ schema, text: null }, TRIES)) === 'object';
    if (isTextToBlame) return TEXT_TOO_COSTLY;
    // Who is asked to stop while a check runs learns nothing about the schema.
    if (!this.#isOver) this.#tooCostly.set(key, true);
    return TOO_COSTLY;
  }

  // A thread may be gone before it was given anything to do, or full of what came before: a new one tells.
  async #send(job: ToSchemaWorker, tries: number): Promise<JsonCheck | 'overdue' | 'lost'> {
    if (!this.#thread?.isUsable) this.#thread = new SchemaThread(this.#clock, LIMITS);
    const thread = this.#thread;
    try {
      const check = await thread.check(job);
      if (check !== 'lost' || !thread.isUsed || this.#isOver || tries <= 1) return check;
    } catch (error) {
      await thread.end();
      if (tries <= 1 || this.#isOver) throw error;
    }
    return this.#send(job, tries - 1);
  }
}
