import { Injectable } from '@nestjs/common';
import type { CallContext } from '../../core/call-context.js';
import type { ChatEvent } from '../../core/chat/chat-event.js';
import type { ChatRequest, ResponseFormat } from '../../core/chat/chat-request.js';
import type { JsonObject } from '../../core/json.js';
import type { AnswerChat, ChatLayer } from '../chat-layer.js';
import { CheckedEvents } from './checked-events.js';
import { type CheckAsker, SchemaChecker } from './schema-checker.service.js';
import type { JsonCheck, JsonProblem } from './worker/messages.js';

const ANY_OBJECT: JsonObject = { type: 'object' };
const SHOWN = 3;

/** Checks answers in JSON whose form no provider has enforced, and warns of those that are not what was asked for. */
@Injectable()
export class StructuredAnswers implements ChatLayer {
  constructor(private readonly checker: SchemaChecker) {}

  answer(request: ChatRequest, call: CallContext, next: AnswerChat): Promise<AsyncIterable<ChatEvent>> | null {
    const { responseFormat: format } = request;
    if (!format || format.type === 'text') return null;
    if (format.type === 'json-schema' && format.isCheckedByCaller) return null;
    return this.#answer(request, call, next, format);
  }

  async #answer(
    request: ChatRequest,
    call: CallContext,
    next: AnswerChat,
    format: Exclude<ResponseFormat, { type: 'text' }>,
  ): Promise<AsyncIterable<ChatEvent>> {
    const schema = format.type === 'json-schema' ? format.schema : ANY_OBJECT;
    const asker: CheckAsker = { projectId: call.principal.projectId, feature: 'chat' };
    const check = (text: string): Promise<string | null> =>
      this.checker.check(schema, text, asker).then(toWarning, () => UNCHECKED);
    return new CheckedEvents(await next(request, call), check, (warnings) => {
      call.warnings.push(...warnings);
    });
  }
}

const UNCHECKED = 'The answer was not checked against the response format.';

function toWarning(check: JsonCheck): string | null {
  if (check.kind === 'valid') return null;
  const problems = check.problems.slice(0, SHOWN).map(inWords).join(', ');
  return check.kind === 'invalid'
    ? `The answer does not match the response format: ${problems}.`
    : `${UNCHECKED.slice(0, -1)}: ${problems}.`;
}

function inWords({ path, message }: JsonProblem): string {
  return `${path === 'data' ? 'it' : path} ${message}`;
}
