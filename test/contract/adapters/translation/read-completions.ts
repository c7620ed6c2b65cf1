import type { JsonObject } from '../../../../src/core/json.js';
import { listAt, nothingSaid, type Said, textAt } from './said.js';

/** What a client makes of the chunks of the older completions. */
export function readTextChunks(chunks: readonly JsonObject[]): Said {
  const said = nothingSaid();
  for (const chunk of chunks) {
    const read = readTextCompletion(chunk);
    said.text += read.text;
    said.tokens = read.tokens ?? said.tokens;
  }
  return said;
}

/** What a client reads in one of the older completions. */
export function readTextCompletion(body: JsonObject): Said {
  const usage = body.usage as JsonObject | null | undefined;
  const first = listAt(body, 'choices').filter(({ index }) => index === 0);
  return {
    ...nothingSaid(),
    text: first.map((choice) => textAt(choice, 'text')).join(''),
    tokens: usage ? [Number(usage.prompt_tokens), Number(usage.completion_tokens)] : null,
  };
}
