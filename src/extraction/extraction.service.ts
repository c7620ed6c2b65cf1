import { Injectable } from '@nestjs/common';
import { ChatService } from '../chat/chat.service.js';
import { SchemaChecker } from '../chat/structured/schema-checker.service.js';
import type { JsonProblem } from '../chat/structured/worker/messages.js';
import type { CallContext } from '../core/call-context.js';
import type { ChatMessage } from '../core/chat/chat-request.js';
import { AppError, InvalidRequestError } from '../core/errors/app-error.js';
import { parseExactJson } from '../core/exact-json.js';
import type { JsonObject, JsonValue } from '../core/json.js';
import { renderNativeUsage, toNumber } from '../dialects/native-chat/native-answer.js';
import { type MismatchReason, type RawAnswer, readAnswer, repairTurn } from './extraction-answer.js';
import { isStrictSchema } from './is-strict-schema.js';
import type { ExtractionRequest } from './parse-extraction.js';

/** Data that matches its schema, and how many repairs it took. */
export interface Extraction {
  readonly data: JsonValue;
  readonly repairs: number;
}

interface Verdict {
  /** Null when the answer matches. */
  readonly reason: MismatchReason | null;
  readonly problems: readonly JsonProblem[];
}

const MATCHES: Verdict = { reason: null, problems: [] };
/** What is there of an answer may match, too: what a call holds is closed wherever it was cut. */
const CUT: JsonProblem = { path: 'data', message: 'was cut off at the output limit' };
const MESSAGES: Readonly<Record<MismatchReason, string>> = {
  schema_mismatch:
    "The model's answer does not match the schema; `details` say where. Simplify the schema, allow more repairs or name another model.",
  length:
    "The model's answer was cut off at its output limit. Ask for less at once, or name a model that may write more.",
  refusal: 'The model refused to answer; `output` says why. Change the input, or name another model.',
  content_filter: "The provider's content filter stopped the answer. Change the input, or name another model.",
};

/** Has models fill in JSON Schemas, and gives nothing that does not match. */
@Injectable()
export class ExtractionService {
  constructor(
    private readonly chat: ChatService,
    private readonly checker: SchemaChecker,
  ) {}

  /**
   * Rejects with `invalid_schema` before anything is sent, with `output_schema_mismatch` when the model does not meet the
   * schema, repairs included, and else as a chat does. Every request is metered; the call holds the sums.
   */
  async extract(request: ExtractionRequest, call: CallContext): Promise<Extraction> {
    const { projectId } = call.principal;
    await this.#tryOut(request.schema, projectId);
    call.hasSteps = true;
    let messages = request.messages;
    for (let repairs = 0; ; repairs += 1) {
      const answer = await this.#ask(request, messages, call);
      const { reason, problems } = await this.#judge(request.schema, answer, projectId);
      if (reason === null) return { data: parseExactJson(answer.text), repairs };
      if (reason !== 'schema_mismatch' || repairs >= request.maxRepairs) throw mismatch(reason, answer, problems, call);
      // Only the last answer is shown: what was wrong before it is of no use to anybody.
      messages = [...request.messages, ...repairTurn(answer, problems)];
      call.firstContentMs = null;
    }
  }

  async #tryOut(schema: JsonObject, projectId: string): Promise<void> {
    const check = await this.checker.tryOut(schema, projectId);
    if (check.kind === 'valid') return;
    throw unusable(check.problems);
  }

  async #ask(request: ExtractionRequest, messages: ChatMessage[], call: CallContext): Promise<RawAnswer> {
    const { model, name, schema } = request;
    const strict = isStrictSchema(schema) || undefined;
    const events = await this.chat.answer(
      {
        model,
        messages,
        stream: false,
        responseFormat: { type: 'json-schema', name, schema, strict, isCheckedByCaller: true },
      },
      call,
    );
    return readAnswer(events);
  }

  async #judge(schema: JsonObject, { text, end }: RawAnswer, projectId: string): Promise<Verdict> {
    // What was refused or filtered may well look like data.
    if (end === 'refusal' || end === 'content_filter') {
      return { reason: end, problems: [{ path: 'data', message: MESSAGES[end] }] };
    }
    const check = await this.checker.check(schema, text, { projectId, feature: 'extract' });
    if (check.kind === 'unusable') throw unusable(check.problems);
    if (check.kind === 'valid') return end === null ? MATCHES : { reason: end, problems: [CUT] };
    return { reason: end ?? 'schema_mismatch', problems: check.problems };
  }
}

function unusable(problems: readonly JsonProblem[]): AppError {
  const [first] = problems;
  const message = `\`${first?.path ?? 'schema'}\` ${first?.message ?? 'cannot be used'}.`;
  const details = problems.map((problem) => ({ ...problem }));
  return new InvalidRequestError('invalid_schema', message, { param: first?.path, details });
}

function mismatch(
  reason: MismatchReason,
  { text }: RawAnswer,
  problems: readonly JsonProblem[],
  call: CallContext,
): AppError {
  return new AppError('output_schema_mismatch', MESSAGES[reason], {
    details: problems.map((problem) => ({ ...problem })),
    facts: { reason, output: text, usage: renderNativeUsage(call.usage), cost_usd: toNumber(call.costUsd) },
    // The same question may well be answered better: whether to pay for that is the client's to say.
    shouldRetry: false,
  });
}
