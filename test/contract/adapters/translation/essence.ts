import type { ChatMessage, ChatRequest } from '../../../../src/core/chat/chat-request.js';
import { parseExactJson } from '../../../../src/core/exact-json.js';

/**
 * What a request says, whatever it is cut into: the texts of one speaker in a row are one text, ids of calls are their
 * numbers, arguments are JSON values.
 */
export function essenceOf(request: ChatRequest): unknown {
  const { maxOutputTokens, temperature, tools = [], toolChoice, parallelToolCalls, stream } = request;
  return {
    said: saidIn(request.messages),
    tools: tools.map(({ name, description, parameters = {} }) => ({ name, description, parameters })),
    // A model that may choose may as well be told so.
    toolChoice: toolChoice?.type === 'auto' ? undefined : toolChoice,
    ...{ maxOutputTokens, temperature, stream, isSerial: parallelToolCalls === false },
  };
}

/** The steps of a conversation, each as one text. */
export function saidIn(messages: readonly ChatMessage[]): string[] {
  const numbers = new Map<string, number>();
  const steps: { head: string; text: string }[] = [];
  const add = (head: string, text: string): void => {
    const last = steps.at(-1);
    if (last?.head === head) last.text += text;
    else if (text !== '') steps.push({ head, text });
  };
  const numberOf = (id: string): string => {
    if (!numbers.has(id)) numbers.set(id, numbers.size);
    return String(numbers.get(id));
  };
  for (const message of messages) {
    for (const part of message.content) {
      if (message.role === 'tool') add(`result ${numberOf(message.toolCallId)}`, 'text' in part ? part.text : 'image');
      else if (part.type === 'tool-call') {
        add(`call ${numberOf(part.id)} of ${part.name}`, JSON.stringify(parseExactJson(part.arguments)));
      } else if (part.type === 'text' || part.type === 'refusal') add(`${message.role} says`, part.text);
      else if (part.type !== 'reasoning') add(`${message.role} shows ${String(steps.length)}`, dataOf(part));
    }
  }
  return steps.map(({ head, text }) => `${head}: ${text}`);
}

function dataOf(
  part: Exclude<ChatMessage['content'][number], { type: 'text' | 'refusal' | 'reasoning' | 'tool-call' }>,
): string {
  if (part.type === 'audio') return part.data;
  return part.source.kind === 'base64' ? `${part.source.mediaType} ${part.source.data}` : JSON.stringify(part.source);
}
