import type { ChatEvent } from '../../core/chat/chat-event.js';
import type { ChatRequest } from '../../core/chat/chat-request.js';
import type { AttemptContext } from '../provider-adapter.js';
import type { Target } from '../resilience/target.js';
import { answerToolName, withAnswerTool, withFormInstruction } from './emulate-form.js';
import { EmulatedEvents } from './emulated-events.js';
import type { JsonRoot } from './json-extractor.js';
import { outputFormAt } from './output-form.js';

const BY_TOOL = 'The response format became a call of a function: the model enforces none of its kind.';
const BY_INSTRUCTION = 'The response format became an instruction: the model enforces none of its kind.';

/**
 * Asks a target's model, and for the form of the answer in whatever way the target knows. What is not enforced there comes
 * as if it were, unchecked. Throws when the provider cannot chat.
 */
export function chatInForm(target: Target, request: ChatRequest, attempt: AttemptContext): AsyncIterable<ChatEvent> {
  const form = request.responseFormat ? outputFormAt(request, target) : null;
  if (form === null || form === 'native') return chat(target, request, attempt);
  attempt.warn(form === 'tool' ? BY_TOOL : BY_INSTRUCTION);
  if (form === 'instruction') {
    return new EmulatedEvents(chat(target, withFormInstruction(request), attempt), rootOf(request), null);
  }
  return new EmulatedEvents(chat(target, withAnswerTool(request), attempt), 'object', answerToolName(request));
}

function chat({ provider, model }: Target, request: ChatRequest, attempt: AttemptContext): AsyncIterable<ChatEvent> {
  const events = provider.adapter.chat?.(model, request, attempt);
  if (!events) throw new Error(`The adapter of "${provider.config.name}" cannot chat.`);
  return events;
}

function rootOf({ responseFormat }: ChatRequest): JsonRoot {
  if (responseFormat?.type !== 'json-schema') return 'object';
  const { type } = responseFormat.schema;
  return type === 'object' || type === 'array' ? type : 'any';
}
