import type { ChatMessage, ChatRequest } from '../../core/chat/chat-request.js';
import type { EmbeddingRequest } from '../../core/embedding/embedding-request.js';

/** How long a prompt is, at a glance: nothing is tokenized. */
export interface PromptSize {
  /** UTF-16 units of all texts; what is attached and what frames the texts is not in it. */
  readonly characters: number;
  /** Roughly, attachments included. */
  readonly tokens: number;
}

const SAMPLE_UNITS = 400;
const FIRST_WIDE_UNIT = 0x2e80;
// Tokens per UTF-16 unit of plain English, of other alphabets, and of scripts whose characters are words or syllables.
const ASCII_RATE = 0.25;
const ALPHABET_RATE = 0.4;
const WIDE_RATE = 0.8;
const TOKENS_PER_ATTACHMENT = 800;
const TOKENS_PER_TOOL = 100;

/** Measures everything that a chat request sends along; `withSystem: false` leaves out the standing instructions. */
export function measureChat(request: ChatRequest, withSystem: boolean): PromptSize {
  const size = { characters: 0, tokens: 0 };
  for (const message of request.messages) {
    if (withSystem || message.role !== 'system') addMessage(size, message);
  }
  for (const document of request.documents ?? []) addText(size, document.text);
  if (withSystem) size.tokens += TOKENS_PER_TOOL * (request.tools?.length ?? 0);
  return size;
}

/** Measures all inputs of an embedding request; token numbers count as they are. */
export function measureEmbedding({ inputs }: EmbeddingRequest): PromptSize {
  const size = { characters: 0, tokens: 0 };
  for (const input of inputs) {
    if (typeof input === 'string') addText(size, input);
    else size.tokens += input.length;
  }
  return size;
}

interface Sum {
  characters: number;
  tokens: number;
}

function addMessage(size: Sum, message: ChatMessage): void {
  for (const part of message.content) {
    switch (part.type) {
      case 'text':
      case 'refusal':
      case 'reasoning':
        addText(size, part.text);
        break;
      case 'tool-call':
        addText(size, part.arguments);
        break;
      default:
        size.tokens += TOKENS_PER_ATTACHMENT;
    }
  }
}

function addText(size: Sum, text: string): void {
  size.characters += text.length;
  size.tokens += text.length * rateOf(text);
}

// The beginning speaks for the whole: a text seldom changes its script.
function rateOf(text: string): number {
  const units = Math.min(text.length, SAMPLE_UNITS);
  if (units === 0) return 0;
  let tokens = 0;
  for (let index = 0; index < units; index += 1) {
    const unit = text.charCodeAt(index);
    tokens += unit < 0x80 ? ASCII_RATE : unit < FIRST_WIDE_UNIT ? ALPHABET_RATE : WIDE_RATE;
  }
  return tokens / units;
}
