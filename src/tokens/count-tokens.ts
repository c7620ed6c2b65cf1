import type { ChatMessage, ChatRequest, ToolDefinition } from '../core/chat/chat-request.js';
import type { EmbeddingRequest } from '../core/embedding/embedding-request.js';
import { countExactly } from './encoder.js';
import { estimateImageTokens, type ImageVendor } from './image-tokens.js';

/** Texts up to this many UTF-16 units are counted whole, longer ones by samples. */
const EXACT_UNITS = 32_768;
const SAMPLES = 16;
const SAMPLE_UNITS = EXACT_UNITS / SAMPLES;

// Merging is quadratic in the length of what the tokenizer takes for one word, so such words are cut. 64 characters are
// longer than any word of a language; in runs of them a cut adds less than one token in 64.
const WORD = 64;
const LONG_WORD = new RegExp(
  `[\\p{L}\\p{M}]{${String(WORD + 1)},}|[^\\s\\p{L}\\p{N}]{${String(WORD + 1)},}|\\s{${String(WORD + 1)},}`,
  'gu',
);
const PIECE = new RegExp(`[^]{1,${String(WORD)}}`, 'gu');

// What a message, an answer's opening and a tool cost besides their text, as OpenAI's models count them.
const TOKENS_PER_MESSAGE = 3;
const TOKENS_PER_ANSWER = 3;
const TOKENS_PER_TOOL = 8;
// Base64 characters per token: a second of sound is ten tokens and some 20,000 characters; a page of a PDF is about 1,500
// tokens in some 60,000.
const AUDIO_CHARACTERS_PER_TOKEN = 2_000;
const FILE_CHARACTERS_PER_TOKEN = 40;
const TOKENS_PER_STORED_FILE = 1_500;

/**
 * Tokens of a text in o200k_base, within a fifth of a second for whatever text: beyond 32 Ki UTF-16 units it is the rate
 * in 16 evenly spaced samples times the length, and words of more than 64 characters are counted in pieces.
 */
export function countTokens(text: string): number {
  if (text.length <= EXACT_UNITS) return countWhole(text);
  const stride = (text.length - SAMPLE_UNITS) / (SAMPLES - 1);
  let tokens = 0;
  for (let index = 0; index < SAMPLES; index += 1) {
    const start = Math.floor(index * stride);
    tokens += countWhole(text.slice(start, start + SAMPLE_UNITS));
  }
  return Math.round((tokens * text.length) / EXACT_UNITS);
}

/** Who will count the images of a prompt, each vendor in its own way. */
export interface PromptReader {
  readonly vendor: ImageVendor;
  /** The vendor's own name of it. */
  readonly model: string;
}

const USUAL_READER: PromptReader = { vendor: 'openai', model: '' };

/** Prompt tokens of a chat request as the model will count them, roughly: texts, images, tools, sources and their frames. */
export function countChatTokens(request: ChatRequest, reader = USUAL_READER): number {
  const { texts, overhead } = readPrompt(request, reader);
  return overhead + countAll(texts);
}

/** As many prompt tokens as a chat request has at most, at a glance: none is shorter than a byte of UTF-8. */
export function boundChatTokens(request: ChatRequest, reader = USUAL_READER): number {
  const { texts, overhead } = readPrompt(request, reader);
  return overhead + countBytes(texts);
}

/** Tokens of all inputs of an embedding request; token numbers count as they are. */
export function countEmbeddingTokens({ inputs }: EmbeddingRequest): number {
  return countAll(textsOf(inputs)) + countNumbers(inputs);
}

/** As many tokens as the inputs of an embedding request have at most, at a glance. */
export function boundEmbeddingTokens({ inputs }: EmbeddingRequest): number {
  return countBytes(textsOf(inputs)) + countNumbers(inputs);
}

function readPrompt(request: ChatRequest, reader: PromptReader): { texts: string[]; overhead: number } {
  const texts: string[] = [];
  let overhead = TOKENS_PER_ANSWER;
  for (const message of request.messages) overhead += TOKENS_PER_MESSAGE + collectMessage(message, texts, reader);
  for (const tool of request.tools ?? []) {
    overhead += TOKENS_PER_TOOL;
    texts.push(toolText(tool));
  }
  for (const document of request.documents ?? []) texts.push(document.title ?? '', document.source, document.text);
  if (request.responseFormat?.type === 'json-schema') texts.push(JSON.stringify(request.responseFormat.schema));
  return { texts, overhead };
}

function textsOf(inputs: EmbeddingRequest['inputs']): string[] {
  return inputs.filter((input) => typeof input === 'string');
}

function countNumbers(inputs: EmbeddingRequest['inputs']): number {
  return inputs.reduce((sum, input) => (typeof input === 'string' ? sum : sum + input.length), 0);
}

function countBytes(texts: readonly string[]): number {
  return texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
}

// Together they may not take longer than one text may.
function countAll(texts: readonly string[]): number {
  const units = texts.reduce((sum, text) => sum + text.length, 0);
  if (units > EXACT_UNITS) return countTokens(texts.join('\n'));
  return texts.reduce((sum, text) => sum + countWhole(text), 0);
}

function countWhole(text: string): number {
  let tokens = 0;
  let end = 0;
  for (const match of text.matchAll(LONG_WORD)) {
    tokens += countExactly(text.slice(end, match.index));
    for (const piece of match[0].match(PIECE) ?? []) tokens += countExactly(piece);
    end = match.index + match[0].length;
  }
  return tokens + countExactly(end === 0 ? text : text.slice(end));
}

/** Adds the message's texts to `texts` and gives the tokens of what is not text. */
function collectMessage(message: ChatMessage, texts: string[], { vendor, model }: PromptReader): number {
  let tokens = 0;
  for (const part of message.content) {
    switch (part.type) {
      case 'text':
      case 'refusal':
      case 'reasoning':
        texts.push(part.text);
        break;
      case 'tool-call':
        texts.push(part.name, part.arguments);
        break;
      case 'image':
        tokens += estimateImageTokens(part, vendor, model);
        break;
      case 'audio':
        tokens += Math.ceil(part.data.length / AUDIO_CHARACTERS_PER_TOKEN);
        break;
      case 'file':
        tokens +=
          part.source.kind === 'id'
            ? TOKENS_PER_STORED_FILE
            : Math.ceil(part.source.data.length / FILE_CHARACTERS_PER_TOKEN);
    }
  }
  return tokens;
}

function toolText(tool: ToolDefinition): string {
  return `${tool.name} ${tool.description ?? ''} ${tool.parameters ? JSON.stringify(tool.parameters) : ''}`;
}
