import type { ChatMessage, ChatRequest, TextPart, UserPart } from '../../core/chat/chat-request.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json.js';

/** A longer one is no question but a document, and its vector says nothing of its details. */
const LONGEST_QUESTION = 2_000;
// What is no text of the question goes to the provider as it came: two requests that differ in it are two.
const TEXT_TYPES: ReadonlySet<JsonValue | undefined> = new Set(['text', 'input_text', 'output_text']);
const MESSAGE_TYPES: ReadonlySet<JsonValue | undefined> = new Set(['message', null, undefined]);

/** What is asked at the end of a request; null when its answer may not be given to another question, or it asks for none. */
export function questionOf(request: ChatRequest): string | null {
  const { messages, choices = 1, logprobs, documents } = request;
  const last = messages.at(-1);
  if (last?.role !== 'user' || choices !== 1 || logprobs === true || documents !== undefined) return null;
  if (!last.content.every(isText) || messages.some(usesTools)) return null;
  const question = last.content
    .map(({ text }) => text)
    .join('\n')
    .trim();
  return isShort(question) && question.isWellFormed() ? question : null;
}

/** The request without its question: what must be the same for an answer to fit. */
export function withoutQuestion(request: ChatRequest): ChatRequest {
  const last = request.messages.at(-1);
  if (last?.role !== 'user') return request;
  const content = last.content.map((part) => (isText(part) ? { ...part, text: '' } : part));
  const messages: ChatMessage[] = [...request.messages.slice(0, -1), { ...last, content }];
  const { source } = request;
  return { ...request, messages, ...(source && { source: { ...source, body: bodyWithoutQuestion(source) } }) };
}

// Some signs stand for whole phrases, and are read as those.
function isShort(question: string): boolean {
  if (question === '' || question.length > LONGEST_QUESTION) return false;
  return question.normalize('NFKC').length <= LONGEST_QUESTION;
}

function isText(part: UserPart): part is TextPart {
  return part.type === 'text';
}

function usesTools(message: ChatMessage): boolean {
  return (
    message.role === 'tool' ||
    (message.role === 'assistant' && message.content.some(({ type }) => type === 'tool-call'))
  );
}

function bodyWithoutQuestion({ dialect, body }: NonNullable<ChatRequest['source']>): JsonObject {
  if (dialect === 'openai-responses') return { ...body, input: itemsWithoutQuestion(body.input) };
  // A text that is to be gone on with is a question as a whole, and one of tokens is none.
  if (dialect === 'openai-completions') return typeof body.prompt === 'string' ? { ...body, prompt: '' } : body;
  const { messages } = body;
  const last = Array.isArray(messages) ? messages.at(-1) : undefined;
  if (!Array.isArray(messages) || !isJsonObject(last)) return body;
  return { ...body, messages: [...messages.slice(0, -1), { ...last, content: withoutTexts(last.content) }] };
}

function itemsWithoutQuestion(input: JsonValue | undefined): JsonValue {
  if (!Array.isArray(input)) return '';
  const last = input.at(-1);
  if (!isJsonObject(last) || last.role !== 'user' || !MESSAGE_TYPES.has(last.type)) return input;
  return [...input.slice(0, -1), { ...last, content: withoutTexts(last.content) }];
}

function withoutTexts(content: JsonValue | undefined): JsonValue {
  if (!Array.isArray(content)) return '';
  return content.map((part) => (isJsonObject(part) && TEXT_TYPES.has(part.type) ? { ...part, text: '' } : part));
}
