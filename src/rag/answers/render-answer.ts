import type { CallContext } from '../../core/call-context.js';
import { totalInputTokens, totalOutputTokens, tokenUsage } from '../../core/chat/token-usage.js';
import type { SseFrame } from '../../core/sse-frame.js';
import { toSearchResult } from '../retrieval/to-search-result.js';
import type { AnswerBasis, AnswerEnd, AnswerEvent } from './answer-event.js';
import type { CitationDto, QueryReplyDto, QueryUsageDto, SourceDto } from './query.dto.js';
import type { VerifiedCitation } from './verify-citation.js';

/** The whole answer as clients see it. Call it when the call's usage is settled. */
export function renderReply(basis: AnswerBasis, end: AnswerEnd, call: CallContext, nowMs: number): QueryReplyDto {
  return { ...renderEnd(basis, end, call, nowMs), sources: renderSources(basis), queries: [...basis.queries] };
}

// In a stream the queries and sources went out before the answer.
function renderEnd(
  basis: AnswerBasis,
  end: AnswerEnd,
  call: CallContext,
  nowMs: number,
): Omit<QueryReplyDto, 'sources' | 'queries'> {
  const usage = renderUsage(call);
  const warnings = [...new Set(call.warnings)];
  return {
    answer: end.answer,
    answered: end.reason === null,
    ...(end.reason !== null && { reason: end.reason }),
    confidence: Math.round(basis.confidence * 1e4) / 1e4,
    citations: end.citations.map(renderCitation),
    ...(warnings.length > 0 && { warnings }),
    tokens_used: usage.total_tokens,
    usage,
    cost_usd: call.costUsd === null ? null : Number(call.costUsd),
    latency_ms: Math.max(0, nowMs - call.receivedAt),
    model: end.answeredBy?.model ?? null,
    provider: end.answeredBy?.provider ?? null,
    ...(call.conversationId !== null && { conversation_id: call.conversationId }),
    request_id: call.id,
  };
}

/** The frames of a streamed answer: what was searched, the sources, the text, its citations, the end and `[DONE]`. */
export async function* renderFrames(
  basis: AnswerBasis,
  events: AsyncIterable<AnswerEvent>,
  call: CallContext,
  now: () => number,
): AsyncGenerator<SseFrame> {
  yield frame({ type: 'retrieval', queries: basis.queries, took_ms: basis.tookMs });
  yield frame({ type: 'sources', sources: renderSources(basis) });
  for await (const event of events) {
    if (event.type === 'delta') yield frame({ type: 'delta', text: event.text });
    if (event.type === 'citation') yield frame(Object.assign({ type: 'citation' }, renderCitation(event.citation)));
    if (event.type === 'done') yield frame({ type: 'done', ...renderEnd(basis, event.end, call, now()) });
  }
  yield { data: '[DONE]' };
}

function frame(data: object): SseFrame {
  return { data: JSON.stringify(data) };
}

function renderSources(basis: AnswerBasis): SourceDto[] {
  return basis.sources.map((source, index) => Object.assign({ n: index + 1 }, toSearchResult(source)));
}

function renderCitation(citation: VerifiedCitation): CitationDto {
  return {
    n: citation.n,
    answer_start: citation.answerStart,
    answer_end: citation.answerEnd,
    source_id: citation.sourceId,
    document_id: citation.documentId,
    quote: citation.quote,
    start: citation.start,
    end: citation.end,
    ...(citation.page !== null && { page: citation.page }),
    supported: citation.isSupported,
  };
}

function renderUsage(call: CallContext): QueryUsageDto {
  const usage = call.usage ?? tokenUsage();
  const input = totalInputTokens(usage);
  const output = totalOutputTokens(usage);
  return {
    input_tokens: input,
    output_tokens: output,
    cached_input_tokens: usage.cachedInput,
    reasoning_tokens: usage.reasoning,
    total_tokens: input + output,
  };
}
