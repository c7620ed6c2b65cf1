import { isJsonObject, type JsonObject, type JsonValue } from '../../../core/json.js';

/** What a message or a delta says, in any of the forms that compatible servers use. */
interface MessageContent {
  text: string | null;
  reasoning: string | null;
  /** True when the content is a list of parts, which OpenAI's clients do not expect in an answer. */
  isInParts: boolean;
}

/** The text and the reasoning of a message or a delta; null where there is none. */
export function readContent(message: JsonObject): MessageContent {
  const { content } = message;
  const reasoning =
    textOf(message.reasoning_content) ?? textOf(message.reasoning) ?? detailedReasoning(message.reasoning_details);
  if (!Array.isArray(content)) return { text: textOf(content), reasoning, isInParts: false };
  const parts = content.filter(isJsonObject);
  const texts = parts.filter((part) => part.type !== 'thinking').map((part) => textOf(part.text) ?? '');
  const thoughts = parts.filter((part) => part.type === 'thinking').map((part) => textsIn(part.thinking));
  return { text: textOf(texts.join('')), reasoning: reasoning ?? textOf(thoughts.join('')), isInParts: true };
}

/** A text that is not empty. */
export function textOf(value: JsonValue | undefined): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

// OpenRouter's list of what a model thought; what is encrypted in it has no text.
function detailedReasoning(details: JsonValue | undefined): string | null {
  if (!Array.isArray(details)) return null;
  const texts = details.filter(isJsonObject).map((detail) => textOf(detail.text) ?? textOf(detail.summary) ?? '');
  return textOf(texts.join(''));
}

function textsIn(thinking: JsonValue | undefined): string {
  if (typeof thinking === 'string') return thinking;
  if (!Array.isArray(thinking)) return '';
  return thinking
    .filter(isJsonObject)
    .map((part) => textOf(part.text) ?? '')
    .join('');
}
