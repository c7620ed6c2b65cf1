import { Injectable } from '@nestjs/common';
import type { CallContext } from '../../core/call-context.js';
import { Clock } from '../../core/clock.js';
import { InvalidRequestError } from '../../core/errors/app-error.js';
import type { SseFrame } from '../../core/sse-frame.js';
import type { StoredResponse } from '../store/stored-response.js';
import { EventStore } from './event-store.js';
import { EventTail } from './event-tail.js';

/** Lets clients read along with responses in the background, from any event on and as often as they like. */
@Injectable()
export class BackgroundStreams {
  constructor(
    private readonly events: EventStore,
    private readonly clock: Clock,
  ) {}

  /** The events behind the one with this number; -1 for all of them. Reading waits for what is to come. */
  follow(id: string, after: number, { signal }: CallContext): AsyncIterable<SseFrame> {
    return new EventTail({ id, after, signal }, this.events, this.clock);
  }

  /** Rejects with `invalid_value` for a response that has no events, or none any more. */
  async requireStream({ id, isStreamed }: StoredResponse): Promise<void> {
    if (isStreamed && (await this.events.has(id))) return;
    throw new InvalidRequestError(
      'invalid_value',
      isStreamed
        ? 'The events of the response are not kept any more: its end was too long ago. Ask without `stream` for the whole.'
        : 'Only responses that were created with `background: true` and `stream: true` can be streamed later. Ask without ' +
            '`stream` for the whole.',
      { param: 'stream' },
    );
  }
}
