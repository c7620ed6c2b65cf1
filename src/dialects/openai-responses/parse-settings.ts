import type { ChatRequest, ReasoningEffort, ResponseFormat } from '../../core/chat/chat-request.js';
import type { JsonObject, JsonValue } from '../../core/json.js';
import { parseLabels } from '../openai-chat/parse-labels.js';
import { parseResponseFormat, parseSchemaFormat } from '../openai-chat/parse-response-format.js';
import { readTokenLimit } from '../openai-chat/parse-sampling.js';
import {
  readBoolean,
  readChoice,
  readInteger,
  readNumber,
  readObject,
  readString,
  refuse,
} from '../read-parameters.js';

const EFFORTS = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'] as const;
const SUMMARIES = ['auto', 'concise', 'detailed'] as const;
const VERBOSITIES = ['low', 'medium', 'high'] as const;
const TRUNCATIONS = ['auto', 'disabled'] as const;
const MAX_TOOL_CALLS = 1_000_000;
const MAX_IDENTIFIER_CHARACTERS = 64;
const LOGPROBS = 'message.output_text.logprobs';

/** The parameters that steer how text is drawn and what it is to be, each checked for type and range. */
export function parseSettings(body: JsonObject, include: readonly string[]): Partial<ChatRequest> {
  const topLogprobs = readInteger(body.top_logprobs, 'top_logprobs', { min: 0, max: 20 });
  const wantsLogprobs = include.includes(LOGPROBS) || (topLogprobs ?? 0) > 0;
  return {
    maxOutputTokens: readTokenLimit(body.max_output_tokens, 'max_output_tokens'),
    temperature: readNumber(body.temperature, 'temperature', { min: 0, max: 2 }),
    topP: readNumber(body.top_p, 'top_p', { min: 0, max: 1 }),
    ...(wantsLogprobs && { logprobs: true, topLogprobs }),
    parallelToolCalls: readBoolean(body.parallel_tool_calls, 'parallel_tool_calls'),
    responseFormat: parseFormat(body.text),
    reasoning: parseReasoning(body.reasoning),
    user: parseUser(body),
  };
}

/** Checks what only OpenAI heeds, and says by name what of it is asked for. */
export function settingsOfOpenAi(body: JsonObject): string[] {
  const reasoning = readObject(body.reasoning, 'reasoning');
  const asked: [string, boolean][] = [
    [
      'text.verbosity',
      isOther(readChoice(readObject(body.text, 'text')?.verbosity, 'text.verbosity', VERBOSITIES), 'medium'),
    ],
    ['truncation', isOther(readChoice(body.truncation, 'truncation', TRUNCATIONS), 'disabled')],
    [
      'max_tool_calls',
      readInteger(body.max_tool_calls, 'max_tool_calls', { min: 0, max: MAX_TOOL_CALLS }) !== undefined,
    ],
    ['service_tier', !['auto', 'default', undefined].includes(readString(body.service_tier, 'service_tier'))],
    ['prompt_cache_key', readString(body.prompt_cache_key, 'prompt_cache_key') !== undefined],
    ['reasoning.mode', isOther(readString(reasoning?.mode, 'reasoning.mode'), 'standard')],
    ['reasoning.context', isOther(readString(reasoning?.context, 'reasoning.context'), 'auto')],
  ];
  return asked.filter(([, isAsked]) => isAsked).map(([name]) => name);
}

function isOther(value: string | undefined, usual: string): boolean {
  return value !== undefined && value !== usual;
}

// The form stands flat here, and in an object of its own in the older API.
function parseFormat(value: JsonValue | undefined): ResponseFormat | undefined {
  const format = readObject(readObject(value, 'text')?.format, 'text.format');
  if (format?.type === 'json_schema') return parseSchemaFormat(format, 'text.format');
  return parseResponseFormat(format, 'text.format');
}

function parseReasoning(value: JsonValue | undefined): ChatRequest['reasoning'] {
  const reasoning = readObject(value, 'reasoning');
  if (!reasoning) return undefined;
  const effort = readChoice(reasoning.effort, 'reasoning.effort', EFFORTS);
  // The canonical scale ends below OpenAI's own last step; an upstream of the same dialect still gets the original.
  const canonical: ReasoningEffort | undefined = effort === 'max' ? 'xhigh' : effort;
  const older = readChoice(reasoning.generate_summary, 'reasoning.generate_summary', SUMMARIES);
  const summary = readChoice(reasoning.summary, 'reasoning.summary', SUMMARIES) ?? older;
  if (canonical === undefined && summary === undefined) return undefined;
  return { ...(canonical !== undefined && { effort: canonical }), ...(summary !== undefined && { summary }) };
}

// `user` is the older name of what both identifiers are for.
function parseUser(body: JsonObject): string | undefined {
  const { user } = parseLabels(body);
  const identifier = readString(body.safety_identifier, 'safety_identifier');
  if (identifier !== undefined && identifier.length > MAX_IDENTIFIER_CHARACTERS) {
    const message = `\`safety_identifier\` must have at most ${String(MAX_IDENTIFIER_CHARACTERS)} characters.`;
    refuse('invalid_metadata', 'safety_identifier', message);
  }
  return identifier ?? user;
}
