import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { Clock } from '../../core/clock.js';
import { newId } from '../../core/ids.js';
import type { IdentifiedAnnouncement } from './announcement.js';
import { DeliveryBell } from './delivery-bell.js';

type SqlRunner = Pick<EntityManager, 'query'>;

/** Writes down what webhooks are to be told; from then on it is told, whatever happens to this process. */
@Injectable()
export class Announcer {
  constructor(
    private readonly dataSource: DataSource,
    private readonly bell: DeliveryBell,
    private readonly clock: Clock,
  ) {}

  /**
   * One delivery for every webhook of the project that asked for such events, or of all projects where it is null. What was
   * announced before changes nothing.
   */
  async announce(projectId: string | null, announcement: IdentifiedAnnouncement): Promise<void> {
    if (await this.announceWithin(this.dataSource, projectId, announcement)) this.ring();
  }

  /**
   * The same within a transaction: it is told if and only if that commits; `ring` is the caller's to call afterwards.
   * Resolves to whether anybody wants to hear it.
   */
  async announceWithin(
    runner: SqlRunner,
    projectId: string | null,
    announcement: IdentifiedAnnouncement,
  ): Promise<boolean> {
    const wanted = `($5::text is null or project_id = $5) and ($3 = any(events) or id = $6)`;
    return (await this.#write(runner, announcement, { wanted, parameter: projectId })).length > 0;
  }

  /** Tells one webhook, whether it asked for such events or not; the delivery's id, null when it is disabled. */
  async announceTo(webhookId: string, announcement: IdentifiedAnnouncement): Promise<string | null> {
    const made = await this.#write(this.dataSource, announcement, {
      wanted: 'id = $5 and $6::text is null',
      parameter: webhookId,
    });
    this.ring();
    return made[0] ?? null;
  }

  /** What was announced within a transaction has been committed. */
  ring(): void {
    this.bell.ring();
  }

  async #write(
    runner: SqlRunner,
    { id, type, data, webhookId = null }: IdentifiedAnnouncement,
    { wanted, parameter }: { wanted: string; parameter: string | null },
  ): Promise<string[]> {
    const createdAt = Math.floor(this.clock.now() / 1000);
    const body = JSON.stringify({ id, object: 'event', type, created_at: createdAt, data });
    const made = await runner.query<{ id: string }[]>(
      `insert into webhook_delivery (id, event_id, webhook_id, project_id, type, body)
       select $1 || '_' || row_number() over (order by id), $2, id, project_id, $3, $4
       from webhook where status = 'enabled' and ${wanted}
       on conflict (webhook_id, event_id) do nothing returning id`,
      [newId('whd_'), id, type, body, parameter, webhookId],
    );
    return made.map((row) => row.id);
  }
}
