import type { CallContext } from '../../core/call-context.js';
import type { ChatEvent } from '../../core/chat/chat-event.js';
import type { Clock } from '../../core/clock.js';
import { AppError } from '../../core/errors/app-error.js';
import { newId } from '../../core/ids.js';
import type { EndedTurn, TurnPlace } from '../store/write-turn.js';
import { AnswerFold } from './answer-fold.js';
import type { Recorder } from './recorded-events.js';
import { toMessageRow } from './turn-message.js';
import type { TurnWriter } from './turn-writer.service.js';

/** An answer is stored as far as it is there after so long, and then again and again, so that little is lost with a process. */
const FIRST_SAVE_MS = 2_000;
const SAVE_EVERY_MS = 5_000;
const WARNING = 'The answer could not be stored in the conversation yet; it is tried again.';
const TOO_LONG =
  'The answer is longer than what is stored of one: the conversation keeps its beginning, marked as partial.';

/** Refusals that are the sender's to mend: nobody was asked, and nothing was said. */
const REFUSALS: ReadonlySet<AppError['category']> = new Set<AppError['category']>([
  ...(['invalid-request', 'authentication', 'permission', 'not-found', 'conflict', 'too-large', 'rate-limit'] as const),
]);

/** A turn of which the question is stored, from the request that asks to the end of its answer. */
export class OpenTurn implements Recorder {
  readonly #fold: AnswerFold;
  /** Each message keeps its id from the first time it is stored. */
  readonly #ids: string[] = [];
  #cancelSave: (() => void) | null = null;
  #end: Promise<void> | null = null;
  #saving: Promise<void> = Promise.resolve();

  constructor(
    readonly place: TurnPlace,
    readonly isNew: boolean,
    private readonly call: CallContext,
    private readonly writer: TurnWriter,
    private readonly clock: Clock,
  ) {
    this.#fold = new AnswerFold(writer.mostAnswerCharacters);
    writer.hold(place);
    // Whoever leaves before the answer begins, or never reads it, ends it all the same.
    call.defer(() => void this.end(new Error('The call was over before its answer was.')));
    this.#scheduleSave(FIRST_SAVE_MS);
  }

  add(event: ChatEvent): void {
    this.#fold.add(event);
  }

  end(error: Error | null): Promise<void> {
    this.#end ??= this.#finish(error);
    return this.#end;
  }

  /** There will be no answer. What was refused before anybody was asked is taken back as if it had never been said. */
  fail(error: unknown): Promise<void> {
    this.#end ??= this.#isRefusal(error) ? this.#discard() : this.#finish(error as Error);
    return this.#end;
  }

  #isRefusal(error: unknown): boolean {
    return error instanceof AppError && this.call.attempts.length === 0 && REFUSALS.has(error.category);
  }

  async #discard(): Promise<void> {
    this.#cancelSave?.();
    if (this.isNew) this.call.conversationId = null;
    await this.#saving;
    await this.writer.discard(this.place, this.isNew);
  }

  async #finish(error: Error | null): Promise<void> {
    this.#cancelSave?.();
    await this.#saving;
    const isWhole = error === null && !this.#fold.isFull;
    if (this.#fold.isFull) this.call.warnings.push(TOO_LONG);
    const answer = this.#answer(isWhole);
    const broken = answer.messages.length > 0 ? 'partial' : 'failed';
    const isStored = await this.writer.end(this.place, { ...answer, status: isWhole ? 'completed' : broken });
    if (!isStored) this.call.warnings.push(WARNING);
  }

  #answer(isWhole: boolean): Omit<EndedTurn, 'status'> {
    const { messages, model, finishReason } = this.#fold.answer(isWhole);
    const answeredBy = this.call.answeredBy;
    const known = model === '' ? (answeredBy?.model ?? null) : model;
    return {
      finishReason: isWhole ? (finishReason ?? 'stop') : null,
      model: known,
      provider: answeredBy?.provider ?? null,
      messages: messages.map((message, index) => toMessageRow(message, (this.#ids[index] ??= newId('msg_')))),
    };
  }

  #scheduleSave(ms: number): void {
    this.#cancelSave = this.clock.schedule(() => {
      const answer = this.#answer(false);
      this.#saving = answer.messages.length > 0 ? this.writer.save(this.place, answer) : Promise.resolve();
      void this.#saving.then(() => {
        if (!this.#end) this.#scheduleSave(SAVE_EVERY_MS);
      });
    }, ms);
  }
}
