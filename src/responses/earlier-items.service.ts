import { Injectable } from '@nestjs/common';
import type { CallContext } from '../core/call-context.js';
import { AppError } from '../core/errors/app-error.js';
import type { JsonObject } from '../core/json.js';
import { HistoryRoom, MOST_TOLD_BYTES } from './history-room.service.js';
import { brokenChain, previousResponseNotFound } from './response-errors.js';
import { type ChainLink, ChainStore } from './store/chain-store.js';

const RESPONSE_ID = /^resp_[0-9A-Z]{24}$/;
/** More responses than a request may have messages are too many for any model. */
const MOST_LINKS = 10_000;

/** Tells whether a text can be the id of a response at all. */
export function isResponseId(id: string): boolean {
  return RESPONSE_ID.test(id);
}

/** Finds what was said in the responses that a request goes on from. */
@Injectable()
export class EarlierItems {
  constructor(
    private readonly chains: ChainStore,
    private readonly room: HistoryRoom,
  ) {}

  /**
   * What the response and all before it were told and answered, oldest first. Rejects with `previous_response_not_found`,
   * `invalid_state` for one that is not over, has failed or belongs to a conversation, and `context_length_exceeded` for more than anybody can be told,
   * and `overloaded`.
   */
  async of(previousId: string, call: CallContext): Promise<JsonObject[]> {
    const { projectId } = call.principal;
    const links = isResponseId(previousId) ? await this.chains.links(projectId, previousId, MOST_LINKS + 1) : [];
    const [last] = links;
    if (!last) throw previousResponseNotFound();
    requireUsable(last);
    requireNoConversation(links);
    const bytes = links.reduce((sum, link) => sum + link.bytes, 0);
    requireBounded(links, bytes);
    if (links.at(-1)?.previousId !== null) throw brokenChain();
    this.room.take(bytes, call);
    const items = await this.chains.items(links.map(({ id }) => id).reverse());
    return items.map(({ item }) => item);
  }
}

function requireUsable({ status }: ChainLink): void {
  if (status === 'completed' || status === 'incomplete') return;
  const isUnfinished = status === 'queued' || status === 'in_progress';
  throw new AppError(
    'invalid_state',
    isUnfinished
      ? 'The response in `previous_response_id` is not over. Wait until GET /v1/responses/{id} shows its end.'
      : `The response in \`previous_response_id\` was ${status === 'failed' ? 'never completed' : 'cancelled'}. Go on from the ` +
          'one before it.',
    { param: 'previous_response_id' },
  );
}

// What was said before is in the conversation, and nobody else has it.
function requireNoConversation(links: readonly ChainLink[]): void {
  const conversationId = links.find((link) => link.conversationId !== null)?.conversationId ?? null;
  if (conversationId === null) return;
  throw new AppError(
    'invalid_state',
    `The response in \`previous_response_id\` belongs to the conversation ${conversationId}. Send that as \`conversation\` ` +
      'instead.',
    { param: 'previous_response_id' },
  );
}

function requireBounded(links: readonly ChainLink[], bytes: number): void {
  if (links.length <= MOST_LINKS && bytes <= MOST_TOLD_BYTES) return;
  throw new AppError(
    'context_length_exceeded',
    `The responses before this one are more than any model can be told: at most ${String(MOST_LINKS)} with ` +
      `${String(MOST_TOLD_BYTES)} bytes. Send a shorter account of them in \`input\` instead.`,
    { param: 'previous_response_id' },
  );
}
