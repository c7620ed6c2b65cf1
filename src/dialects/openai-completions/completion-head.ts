import { newId } from '../../core/ids.js';

const PREFIX = 'cmpl-';

/** What is the same in a completion and in every chunk of a stream; `created` is in Unix seconds. */
export interface CompletionHead {
  readonly id: string;
  readonly created: number;
  readonly model: string;
}

/** The head of an answer from any provider, with an id that looks as this dialect's ids do. */
export function toCompletionHead({
  id,
  model,
  createdAt,
}: {
  id: string;
  model: string;
  createdAt?: number;
}): CompletionHead {
  return { id: toId(id), created: createdAt ?? Math.floor(Date.now() / 1000), model };
}

function toId(id: string): string {
  if (id === '') return newId(PREFIX);
  return id.startsWith(PREFIX) ? id : PREFIX + id;
}
