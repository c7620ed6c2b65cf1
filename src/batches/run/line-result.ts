import type { CallContext } from '../../core/call-context.js';
import type { AppError } from '../../core/errors/app-error.js';
import { newId } from '../../core/ids.js';
import { renderAnthropicError } from '../../dialects/anthropic-messages/render-error.js';
import { renderOpenAiError } from '../../dialects/openai-chat/render-error.js';
import { statusOf } from '../../http/status-table.js';
import { ENDPOINTS } from '../endpoints.js';
import type { LineOutcome, TakenLine } from './line-outcome.js';

/** What a line came to: the answer of its route. */
export function toSuccess(line: TakenLine, call: CallContext, body: unknown): LineOutcome {
  return { ...outcomeOf(line, call), isSuccess: true, result: toResult(line, call, 200, body) };
}

/** What a line came to: the error that its route would have answered with. */
export function toRefusal(line: TakenLine, call: CallContext, error: AppError): LineOutcome {
  const { surface } = ENDPOINTS[line.url];
  const body = surface === 'anthropic' ? renderAnthropicError(error, call.id) : renderOpenAiError(error, call.id);
  return {
    ...outcomeOf(line, call),
    isSuccess: false,
    result: toResult(line, call, statusOf(error.code, surface), body),
  };
}

function outcomeOf({ ordinal }: TakenLine, { usage, costUsd }: CallContext): Omit<LineOutcome, 'isSuccess' | 'result'> {
  return { ordinal, usage, costUsd };
}

function toResult({ customId }: TakenLine, call: CallContext, status: number, body: unknown): string {
  return JSON.stringify({
    id: newId('batch_req_'),
    custom_id: customId,
    response: { status_code: status, request_id: call.id, body },
    error: null,
  });
}
