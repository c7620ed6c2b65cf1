import type { JsonObject } from '../../../../src/core/json.js';
import { at, listAt, nothingSaid, type Said, textAt } from './said.js';

/** What a client makes of a streamed completion. */
export function readChatChunks(chunks: readonly JsonObject[]): Said {
  const said = nothingSaid();
  for (const chunk of chunks) {
    readTokens(said, chunk);
    for (const choice of listAt(chunk, 'choices')) {
      if (choice.index !== 0) continue;
      said.text += textAt(choice, 'delta', 'content') + textAt(choice, 'delta', 'refusal');
      said.thoughts += thoughtOf(choice.delta as JsonObject);
      for (const call of listAt(choice, 'delta', 'tool_calls')) {
        const open = (said.calls[Number(call.index)] ??= { name: '', arguments: '' });
        open.name += textAt(call, 'function', 'name');
        open.arguments += textAt(call, 'function', 'arguments');
      }
    }
  }
  return said;
}

/** What a client reads in a completion. */
export function readCompletion(body: JsonObject): Said {
  const said = nothingSaid();
  readTokens(said, body);
  const message = at(body, 'choices', 0, 'message') as JsonObject | undefined;
  said.text = textAt(message, 'content') + textAt(message, 'refusal');
  said.thoughts = thoughtOf(message ?? {});
  said.calls = listAt(message, 'tool_calls').map((call) => ({
    name: textAt(call, 'function', 'name'),
    arguments: textAt(call, 'function', 'arguments'),
  }));
  return said;
}

function readTokens(said: Said, value: JsonObject): void {
  const usage = value.usage as JsonObject | null | undefined;
  if (usage) said.tokens = [Number(usage.prompt_tokens), Number(usage.completion_tokens)];
}

function thoughtOf(value: JsonObject): string {
  const details = listAt(value, 'reasoning_details').map((each) => textAt(each, 'text') + textAt(each, 'summary'));
  return textAt(value, 'reasoning_content') || textAt(value, 'reasoning') || details.join('');
}
