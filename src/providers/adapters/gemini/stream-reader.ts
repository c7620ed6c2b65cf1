import type { ChatEvent } from '../../../core/chat/chat-event.js';
import type { AttemptContext } from '../../provider-adapter.js';
import { ProviderError } from '../../provider-error.js';
import type { ChatStreamReader } from '../../transport/chat-protocol.js';
import type { SseEvent } from '../../transport/sse-parser.js';
import { StreamJson } from '../../transport/stream-json.js';
import { AnswerReader, type ReadingAttempt } from './answer-reader.js';

/** Reads the responses of a streamed answer. There is no terminal event: the end of the body ends it. */
export class GeminiStreamReader implements ChatStreamReader {
  readonly isDone = false;
  readonly #json: StreamJson;
  readonly #answer: AnswerReader;

  constructor(attempt: ReadingAttempt & Pick<AttemptContext, 'skipped'>, credential: string | null) {
    this.#json = new StreamJson(attempt);
    this.#answer = new AnswerReader(attempt, credential, true);
  }

  read(frame: SseEvent): ChatEvent[] {
    const response = this.#json.parse(frame.data);
    return response ? this.#answer.read(response) : [];
  }

  end(): ChatEvent[] {
    if (this.#answer.hasResponses) return this.#answer.end();
    throw new ProviderError('malformed', 'The provider answered with an empty stream.');
  }
}
