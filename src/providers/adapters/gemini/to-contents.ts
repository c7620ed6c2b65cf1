import type { Content, Part } from '@google/genai';
import type { AssistantPart, ChatMessage } from '../../../core/chat/chat-request.js';
import { parseExactJson } from '../../../core/exact-json.js';
import { isJsonObject } from '../../../core/json.js';
import type { ModelTraits } from './model-traits.js';
import { toResultParts } from './to-function-results.js';
import { toTextParts, toUserParts } from './to-parts.js';

type Warn = (message: string) => void;

/** What the translation of a conversation depends on. */
export interface ContentOptions extends Pick<ModelTraits, 'wantsSignatures' | 'takesMediaInResults' | 'takesPrefill'> {
  /** Whether calls and results carry their ids; without, they are matched by name and order. */
  readonly hasCallIds: boolean;
}

export interface GeminiConversation {
  system: Part[];
  contents: Turn[];
}

interface Turn extends Content {
  role: 'user' | 'model';
  parts: Part[];
}

/** What Google documents for a call whose signature was lost: the model goes on without its earlier thoughts. */
const NO_SIGNATURE = 'skip_thought_signature_validator';
const OPENING = '(The conversation begins with the assistant.)';
const GO_ON = 'Go on with your last answer exactly where it stops. Repeat nothing of it.';

/**
 * The conversation in Gemini's words: system texts apart, turns that alternate, begin with the user's and end as the model
 * takes it, results of functions under the names of the calls they answer.
 */
export function toContents(messages: readonly ChatMessage[], options: ContentOptions, warn: Warn): GeminiConversation {
  const system: Part[] = [];
  const contents: Turn[] = [];
  const names = new Map<string, string>();
  if (messages.some((message) => 'name' in message && message.name !== undefined)) {
    warn('The `name` of messages was dropped: Gemini has none.');
  }
  for (const message of messages) {
    if (message.role === 'system') {
      for (const { text } of message.content) system.push(...toTextParts(text));
      continue;
    }
    const parts = toParts(message, names, options, warn);
    if (parts.length > 0) addTurn(contents, message.role === 'assistant' ? 'model' : 'user', parts);
  }
  for (const turn of contents) arrange(turn, options);
  if (!options.takesPrefill) endWithUser(contents, warn);
  return startWithUser({ system, contents }, warn);
}

function toParts(
  message: Exclude<ChatMessage, { role: 'system' }>,
  names: Map<string, string>,
  options: ContentOptions,
  warn: Warn,
): Part[] {
  switch (message.role) {
    case 'user':
      return toUserParts(message.content, warn);
    case 'assistant':
      return message.content.flatMap((part) => toModelParts(part, names, options, warn));
    case 'tool':
      return toResultParts(message, names.get(message.toolCallId), options, warn);
  }
}

function toModelParts(
  part: AssistantPart,
  names: Map<string, string>,
  { hasCallIds }: ContentOptions,
  warn: Warn,
): Part[] {
  switch (part.type) {
    case 'text':
    case 'refusal':
      return toTextParts(part.text);
    case 'reasoning':
      return toThoughtParts(part, warn);
    case 'tool-call': {
      names.set(part.id, part.name);
      const { signature, signedBy } = part;
      const call: Part = {
        functionCall: {
          ...(hasCallIds && { id: part.id }),
          name: part.name,
          args: toArguments(part.arguments, warn),
        },
      };
      return [signature !== undefined && signedBy === 'gemini' ? { ...call, thoughtSignature: signature } : call];
    }
  }
}

// A signature without a thought was given on a text: it goes back on a part that is no thought either.
function toThoughtParts(part: Extract<AssistantPart, { type: 'reasoning' }>, warn: Warn): Part[] {
  const { text, signature, redacted, signedBy } = part;
  if (signature !== undefined && signedBy === 'gemini') {
    return [text === '' ? { text, thoughtSignature: signature } : { text, thought: true, thoughtSignature: signature }];
  }
  if (signature === undefined && redacted === undefined && text !== '') {
    warn('Earlier reasoning without a signature was dropped: Gemini has no use for it.');
  }
  return [];
}

function toArguments(text: string, warn: Warn): Record<string, unknown> {
  if (text.trim() === '') return {};
  try {
    const value = parseExactJson(text);
    if (isJsonObject(value)) return value;
  } catch {
    // Handled with arguments that are no object.
  }
  warn('The arguments of an earlier tool call are no JSON object and were sent as text.');
  return { arguments: text };
}

function addTurn(contents: Turn[], role: Turn['role'], parts: Part[]): void {
  const last = contents.at(-1);
  if (last?.role === role) last.parts.push(...parts);
  else contents.push({ role, parts });
}

// Results must come right after the calls they answer. Of parallel calls Gemini signs, and checks, the first.
function arrange(turn: Turn, { wantsSignatures }: ContentOptions): void {
  if (turn.role === 'user') {
    const isResult = (part: Part): boolean => part.functionResponse !== undefined;
    if (!turn.parts.some(isResult)) return;
    turn.parts = [...turn.parts.filter(isResult), ...turn.parts.filter((part) => !isResult(part))];
    return;
  }
  const first = wantsSignatures ? turn.parts.find((part) => part.functionCall !== undefined) : undefined;
  if (first) first.thoughtSignature ??= NO_SIGNATURE;
}

function startWithUser({ system, contents }: GeminiConversation, warn: Warn): GeminiConversation {
  if (contents.length === 0 && system.length > 0) {
    warn('The system message was sent as a message of the user: Gemini answers nothing else.');
    return { system: [], contents: [{ role: 'user', parts: system }] };
  }
  if (contents[0]?.role !== 'model') return { system, contents };
  warn('A message of the user was put before the first one of the assistant: Gemini wants to begin with it.');
  return { system, contents: [{ role: 'user', parts: [{ text: OPENING }] }, ...contents] };
}

// A call that has no result yet stays at the end: what is missing is for the API to explain.
function endWithUser(contents: Turn[], warn: Warn): void {
  const last = contents.at(-1);
  if (last?.role !== 'model' || last.parts.some((part) => part.functionCall !== undefined)) return;
  warn('The model takes no beginning of its answer: it was asked to go on with it.');
  contents.push({ role: 'user', parts: [{ text: GO_ON }] });
}
