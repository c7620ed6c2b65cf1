import type { TextTurn } from '../../conversations/conversations.service.js';
import type { AnswerEvent } from './answer-event.js';

/** The same events, kept as the turn's answer: whole before its end is passed on, or as far as it came. */
export async function* keepAnswer(
  events: AsyncIterable<AnswerEvent>,
  turn: TextTurn['turn'],
): AsyncGenerator<AnswerEvent> {
  try {
    for await (const event of events) {
      if (event.type === 'delta') turn.add({ type: 'text-delta', choice: 0, text: event.text });
      if (event.type === 'done') await turn.end(null);
      yield event;
    }
  } catch (error) {
    await turn.end(error as Error);
    throw error;
  } finally {
    await turn.end(new Error('Nobody read the answer to its end.'));
  }
}
