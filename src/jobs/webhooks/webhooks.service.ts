import { Injectable } from '@nestjs/common';
import { DataSource, Not } from 'typeorm';
import { type Page, type PageRequest, listNewest } from '../../auth/list-newest.js';
import { SecretBox } from '../../auth/secrets/secret-box.js';
import { AppError, InvalidRequestError } from '../../core/errors/app-error.js';
import { newId } from '../../core/ids.js';
import { VettedFetch } from '../../egress/vetted-fetch.js';
import { Announcer } from './announcer.service.js';
import type { ChangeWebhookDto, CreateWebhookDto, RotateWebhookDto } from './webhook.dto.js';
import { WebhookEntity } from './webhook.entity.js';
import { TEST_EVENT_TYPE } from './webhook-event-types.js';
import { checkWebhookSecret, newWebhookSecret } from './webhook-secret.js';
import { secretPlace } from './webhook-sender.service.js';

const MOST_OF_A_PROJECT = 50;
const DEFAULT_OVERLAP_SECONDS = 86_400;

/** Whose webhooks they are, and under which name the project reaches this server. */
export interface WebhookOwner {
  readonly projectId: string;
  /** What the client wrote into `Host`: an address of ours. */
  readonly ownHost: string;
}

/** A webhook and what receivers verify its events with, in the clear. */
export interface OpenWebhook {
  readonly webhook: WebhookEntity;
  readonly secret: string;
}

/** Makes, changes and deletes the webhooks of projects. */
@Injectable()
export class WebhooksService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly egress: VettedFetch,
    private readonly secrets: SecretBox,
    private readonly announcer: Announcer,
  ) {}

  /** Throws `url_not_allowed` and its like, `weak_secret`, `conflict`, and `invalid_state` where secrets cannot be kept. */
  async create(owner: WebhookOwner, wanted: CreateWebhookDto): Promise<OpenWebhook> {
    const { url, events, description = null, secret = newWebhookSecret() } = wanted;
    checkWebhookSecret(secret);
    await this.#checkUrl(owner, url);
    const { projectId } = owner;
    if ((await this.dataSource.manager.countBy(WebhookEntity, { projectId })) >= MOST_OF_A_PROJECT) {
      const message = `A project has at most ${String(MOST_OF_A_PROJECT)} webhooks. Delete one, or change one.`;
      throw new AppError('conflict', message);
    }
    const id = newId('wh_');
    const sealedSecret = await this.secrets.seal(secret, secretPlace(id));
    await this.dataSource.manager.insert(WebhookEntity, { id, projectId, url, events, description, sealedSecret });
    return { webhook: await this.get(projectId, id), secret };
  }

  /**
   * The webhook at an address, for what names the address itself: the project's own when it has an enabled one, else a new
   * one that asks for nothing, with its secret. Throws as `create`, and `invalid_state` for one that is disabled.
   */
  async ensure(
    owner: WebhookOwner,
    url: string,
    param: string,
  ): Promise<{ webhook: WebhookEntity; secret: string | null }> {
    await this.#checkUrl(owner, url, param);
    const known = await this.dataSource.manager.find(WebhookEntity, {
      where: { url, projectId: owner.projectId },
      order: { createdAt: 'ASC', id: 'ASC' },
    });
    const enabled = known.find(({ status }) => status === 'enabled');
    if (enabled) return { webhook: enabled, secret: null };
    if (known.length === 0) return this.create(owner, { url, events: [] });
    throw new AppError('invalid_state', `The webhook at \`${param}\` is disabled. Enable it first, or delete it.`, {
      param,
    });
  }

  list(projectId: string, page: PageRequest): Promise<Page<WebhookEntity>> {
    return listNewest(this.dataSource.getRepository(WebhookEntity), page, { projectId });
  }

  /** Throws `not_found`. */
  async get(projectId: string, id: string): Promise<WebhookEntity> {
    const found = await this.dataSource.manager.findOneBy(WebhookEntity, { id, projectId });
    if (!found) throw new AppError('not_found', 'There is no webhook with this id.', { param: 'id' });
    return found;
  }

  /** What is on its way goes to the address as it is then. Throws as `create` and `get`. */
  async change(owner: WebhookOwner, id: string, wanted: ChangeWebhookDto): Promise<WebhookEntity> {
    const { url, events, description, enabled } = wanted;
    await this.get(owner.projectId, id);
    if (url !== undefined) await this.#checkUrl(owner, url);
    const changed = {
      ...(url !== undefined && { url }),
      ...(events && { events }),
      ...(description !== undefined && { description }),
      ...(enabled !== undefined && { status: enabled ? ('enabled' as const) : ('disabled' as const) }),
      ...(enabled === true && { disabledReason: null }),
    };
    if (Object.keys(changed).length > 0) await this.dataSource.manager.update(WebhookEntity, { id }, changed);
    return this.get(owner.projectId, id);
  }

  /** Another secret at once; the old one signs besides for a while. Throws `weak_secret` and `not_found`. */
  async rotate(projectId: string, id: string, wanted: RotateWebhookDto): Promise<OpenWebhook> {
    const { secret = newWebhookSecret(), overlap_seconds: overlap = DEFAULT_OVERLAP_SECONDS } = wanted;
    checkWebhookSecret(secret);
    await this.get(projectId, id);
    const sealed = await this.secrets.seal(secret, secretPlace(id));
    await this.dataSource.query(
      `update webhook set sealed_previous_secret = sealed_secret, sealed_secret = $2,
         previous_secret_until = now() + make_interval(secs => $3)
       where id = $1`,
      [id, sealed, overlap],
    );
    return { webhook: await this.get(projectId, id), secret };
  }

  /** Nothing more is sent to it. Throws `not_found`. */
  async delete(projectId: string, id: string): Promise<void> {
    const { affected } = await this.dataSource.manager.delete(WebhookEntity, { id, projectId });
    if (affected !== 1) throw new AppError('not_found', 'There is no webhook with this id.', { param: 'id' });
  }

  /** Sends it an event that means nothing; the delivery's id. Throws `not_found`, and `invalid_state` for a disabled one. */
  async test(projectId: string, id: string): Promise<string> {
    await this.get(projectId, id);
    const event = { id: newId('evt_'), type: TEST_EVENT_TYPE, data: { webhook_id: id } } as const;
    const delivery = await this.announcer.announceTo(id, event);
    if (delivery === null) throw new AppError('invalid_state', 'The webhook is disabled. Enable it first.');
    return delivery;
  }

  async #checkUrl({ projectId, ownHost }: WebhookOwner, url: string, param = 'url'): Promise<void> {
    this.egress.checkUrl(url, param);
    const { host } = new URL(url);
    const isOwn = host === ownHost.toLowerCase();
    const isForeign = await this.dataSource.manager.existsBy(WebhookEntity, { url, projectId: Not(projectId) });
    if (!isOwn && !isForeign) return;
    throw new InvalidRequestError(
      'url_not_allowed',
      'The URL may not be used for a webhook. Send an address of yours.',
      { param },
    );
  }
}
