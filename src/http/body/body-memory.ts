import { Injectable } from '@nestjs/common';
import type { CallContext } from '../../core/call-context.js';
import { AppError } from '../../core/errors/app-error.js';
import { Telemetry } from '../../core/telemetry/telemetry.js';

/** Smaller bodies are not counted: the number of requests under way bounds them. */
const FREE_BYTES = 64 * 1024;
/** More than all the room, for those who have nothing of it. */
const EXTRA = 1 / 4;
const RETRY_AFTER_MS = 1_000;

/** How large the bodies are together that are being read or worked on, and how large they may be. */
@Injectable()
export class BodyMemory {
  /** Any size until somebody says otherwise. */
  limitBytes = Infinity;
  readonly #held = new Map<CallContext, number>();
  readonly #byProject = new Map<string, number>();
  #total = 0;

  constructor(private readonly telemetry: Telemetry) {}

  get totalBytes(): number {
    return this.#total;
  }

  /**
   * Counts the body of a call as so large, until the call is over. Throws `overloaded` when all would be too large together;
   * for projects that have none under way there is some more room. One body alone always fits.
   */
  hold(call: CallContext, bytes: number): void {
    if (bytes <= FREE_BYTES) return;
    const before = this.#held.get(call) ?? 0;
    if (bytes <= before) return;
    const project = call.isAuthenticated ? call.principal.projectId : '';
    this.#checkRoom(project, before, bytes);
    if (before === 0) {
      call.defer(() => {
        this.#add(project, -(this.#held.get(call) ?? 0));
        this.#held.delete(call);
      });
    }
    this.#held.set(call, bytes);
    this.#add(project, bytes - before);
  }

  #checkRoom(project: string, before: number, bytes: number): void {
    const others = this.#total - before;
    if (others === 0) return;
    const own = (this.#byProject.get(project) ?? 0) - before;
    if (others + bytes <= this.limitBytes * (own === 0 ? 1 + EXTRA : 1)) return;
    this.telemetry.admissionRefused({ reason: 'bodies' });
    const message =
      'The bodies of the requests under way take all the memory there is for them. Try again in a moment.';
    throw new AppError('overloaded', message, { retryAfterMs: RETRY_AFTER_MS });
  }

  #add(project: string, bytes: number): void {
    this.#total += bytes;
    const own = (this.#byProject.get(project) ?? 0) + bytes;
    if (own > 0) this.#byProject.set(project, own);
    else this.#byProject.delete(project);
  }
}
