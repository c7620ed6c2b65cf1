import type { ChatRequest } from './chat-request.js';

/** Whether the prompt came as the numbers of tokens, which say nothing to most models. */
export function isTokenPrompt({ source }: Pick<ChatRequest, 'source'>): boolean {
  if (source?.dialect !== 'openai-completions') return false;
  const { prompt } = source.body;
  const first = Array.isArray(prompt) ? prompt[0] : undefined;
  return typeof first === 'number' || Array.isArray(first);
}
