import { InvalidRequestError } from '../core/errors/app-error.js';
import type { AnthropicModelDto, AnthropicModelListDto } from './anthropic-model.dto.js';
import type { ModelDto } from './model.dto.js';

const USUAL_LIMIT = 20;
const MOST_LIMIT = 1_000;

/** What a client of Anthropic's may say about the page it wants, as it stands in the query. */
export interface AnthropicPageQuery {
  readonly limit?: unknown;
  readonly after_id?: unknown;
  readonly before_id?: unknown;
}

/** A model in Anthropic's words. */
export function renderAnthropicModel(model: ModelDto): AnthropicModelDto {
  return {
    type: 'model',
    id: model.id,
    display_name: model.id,
    created_at: new Date(model.created * 1_000).toISOString().replace('.000Z', 'Z'),
    max_input_tokens: model.context_window,
    max_tokens: model.max_output_tokens,
    capabilities: null,
    deprecated_at: null,
    retires_at: null,
    line: null,
    lifecycle: 'active',
  };
}

/** A page of the chat models among `models`. Throws `invalid_query` for a limit out of range, `invalid_cursor` for unknown ids. */
export function listAnthropicModels(models: readonly ModelDto[], query: AnthropicPageQuery): AnthropicModelListDto {
  const chat = models.filter(({ kind }) => kind === 'chat');
  const limit = readLimit(query.limit);
  const { after_id: after, before_id: before } = query;
  if (after !== undefined && before !== undefined) {
    throw new InvalidRequestError('invalid_query', 'Send either `after_id` or `before_id`.', { param: 'before_id' });
  }
  const start = after === undefined ? 0 : positionOf(chat, after, 'after_id') + 1;
  const end = before === undefined ? chat.length : positionOf(chat, before, 'before_id');
  const from = before === undefined ? start : Math.max(0, end - limit);
  const to = Math.min(end, from + limit);
  const data = chat.slice(from, to).map(renderAnthropicModel);
  return {
    data,
    has_more: before === undefined ? to < chat.length : from > 0,
    first_id: data[0]?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
  };
}

function readLimit(value: unknown): number {
  if (value === undefined) return USUAL_LIMIT;
  const limit = typeof value === 'string' && /^\d{1,4}$/.test(value) ? Number(value) : 0;
  if (limit >= 1 && limit <= MOST_LIMIT) return limit;
  const message = `\`limit\` must be a whole number between 1 and ${String(MOST_LIMIT)}.`;
  throw new InvalidRequestError('invalid_query', message, { param: 'limit' });
}

function positionOf(models: readonly ModelDto[], id: unknown, param: string): number {
  const position = models.findIndex((model) => model.id === id);
  if (position >= 0) return position;
  throw new InvalidRequestError('invalid_cursor', `\`${param}\` is the id of no model in the list.`, { param });
}
