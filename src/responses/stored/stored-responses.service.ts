import { Injectable } from '@nestjs/common';
import { InvalidRequestError } from '../../core/errors/app-error.js';
import type { JsonObject } from '../../core/json.js';
import { type ListOf, listOf } from '../../http/list-of.js';
import { BackgroundResponses } from '../background/background-responses.service.js';
import { isResponseId } from '../earlier-items.service.js';
import { responseNotFound } from '../response-errors.js';
import { ChainStore, type ItemPage } from '../store/chain-store.js';
import { ResponseStore } from '../store/response-store.js';
import { isOver, type StoredResponse } from '../store/stored-response.js';
import { renderItem, renderStored } from './render-stored.js';

const MOST_LINKS = 10_000;

/** Stored responses: shown, listed, cancelled and removed. Foreign ids are unknown ones: all of it rejects with `not_found`. */
@Injectable()
export class StoredResponses {
  constructor(
    private readonly store: ResponseStore,
    private readonly chains: ChainStore,
    private readonly background: BackgroundResponses,
  ) {}

  async require(projectId: string, id: string): Promise<StoredResponse> {
    const stored = isResponseId(id) ? await this.store.find(projectId, id) : null;
    if (!stored) throw responseNotFound();
    return stored;
  }

  async show(projectId: string, id: string): Promise<JsonObject> {
    const stored = await this.require(projectId, id);
    return renderStored(stored, await this.store.outputOf(id));
  }

  /** A page of what the response was made of. Rejects with `invalid_cursor`. */
  async listInput(projectId: string, id: string, page: ItemPage): Promise<ListOf<JsonObject & { id: string }>> {
    await this.require(projectId, id);
    const links = await this.chains.links(projectId, id, MOST_LINKS);
    const ids = links.map((link) => link.id).reverse();
    const items = await this.chains.page(ids, { ...page, limit: page.limit + 1 });
    if (!items) {
      throw new InvalidRequestError('invalid_cursor', '`after` must be the id of an item of the response.', {
        param: 'after',
      });
    }
    const shown = items.slice(0, page.limit).map(renderItem);
    return listOf(shown, items.length > page.limit);
  }

  /** The response as it is afterwards. Rejects with `invalid_state` for one that is not in the background. */
  async cancel(projectId: string, id: string): Promise<JsonObject> {
    await this.background.cancel(await this.require(projectId, id), projectId);
    return this.show(projectId, id);
  }

  /** Nothing is left of it; what is under way of it is stopped. */
  async remove(projectId: string, id: string): Promise<void> {
    const stored = await this.require(projectId, id);
    if (stored.isBackground && !isOver(stored.status)) await this.background.cancel(stored, projectId);
    if (!(await this.store.remove(projectId, id))) throw responseNotFound();
  }
}
