/** A body that `/v1/chat/completions` takes; fields replace those of the same name, undefined ones go away. */
export function completion(fields: object = {}): object {
  return { model: 'openai/gpt-4o', messages: [{ role: 'user', content: 'Hi' }], ...fields };
}

/** Brackets nested to a depth, as JSON text. */
export function nested(depth: number): string {
  return '['.repeat(depth) + ']'.repeat(depth);
}

/** A function tool as OpenAI writes it. */
export function tool(name: unknown, parameters: unknown = { type: 'object', properties: {} }): object {
  return { type: 'function', function: { name, parameters } };
}

/** An assistant's message that calls tools by these ids. */
export function calls(...ids: string[]): object {
  const toolCalls = ids.map((id) => ({ id, type: 'function', function: { name: 'look', arguments: '{}' } }));
  return { role: 'assistant', content: null, tool_calls: toolCalls };
}

/** A tool's result for a call. */
export function result(id: string): object {
  return { role: 'tool', tool_call_id: id, content: 'found' };
}
