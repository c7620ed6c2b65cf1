import { newId } from '../../core/ids.js';
import type { JsonObject } from '../../core/json.js';

const PREFIX = 'chatcmpl-';

/** What is the same in a reply and in every chunk of a stream; `created` is in Unix seconds. */
export interface AnswerHead {
  id: string;
  created: number;
  model: string;
}

/** The head of an answer from any provider, with an id that looks as this dialect's ids do. */
export function toAnswerHead(answer: { id: string; model: string; createdAt?: number }): AnswerHead {
  return {
    id: toCompletionId(answer.id),
    created: answer.createdAt ?? Math.floor(Date.now() / 1000),
    model: answer.model,
  };
}

/** The same for an answer that a provider gave in this dialect: its own id stays as it is. */
export function toRelayedHead(
  value: JsonObject,
  answer: { id: string; model: string; createdAt?: number },
): AnswerHead {
  const head = toAnswerHead(answer);
  return typeof value.id === 'string' && value.id !== '' ? { ...head, id: value.id } : head;
}

function toCompletionId(id: string): string {
  if (id === '') return newId(PREFIX);
  return id.startsWith(PREFIX) ? id : PREFIX + id;
}
