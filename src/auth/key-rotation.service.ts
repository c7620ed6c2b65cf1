import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../core/clock.js';
import { AppError } from '../core/errors/app-error.js';
import { AdminChanges } from './admin-changes.js';
import type { ApiKeyEntity } from './api-key.entity.js';
import { type ApiKeyRecord, ApiKeysService, findKey, isKey } from './api-keys.service.js';
import { type ChangeAuthor, differenceOf } from './audit/audit-log.js';
import { keyFacts } from './key-facts.js';
import { digestKey, issueKey } from './key-format.js';
import type { AdminKey } from './last-admin.js';

/** How long the old secret of the last admin key has to go on working: the answer with the new one may be lost. */
const LAST_ADMIN_OVERLAP_SECONDS = 60;

/** Gives keys new secrets. */
@Injectable()
export class KeyRotationService {
  constructor(
    private readonly keys: ApiKeysService,
    private readonly changes: AdminChanges,
    private readonly clock: Clock,
  ) {}

  /**
   * A new secret for a key, in no later answer. The secret until now works for `overlapSeconds` more and ends at once when
   * that is 0; one from an earlier rotation works no longer than it did, nor than that. Throws `not_found`, `invalid_state`
   * for a key that is revoked, expired or set by the environment, and `last_admin_key` for the last admin key when the
   * overlap is too short to notice that the answer was lost.
   */
  async rotate(
    id: string,
    overlapSeconds: number,
    author: ChangeAuthor,
  ): Promise<{ record: ApiKeyRecord; secret: string }> {
    const secret = await this.changes.perform(author, async (manager, adminKeys) => {
      const key = await findKey(manager, id);
      this.#assertRotatable(key);
      if (overlapSeconds < LAST_ADMIN_OVERLAP_SECONDS) assertNotLast(id, adminKeys);
      const issued = issueKey(id);
      await retireSecrets(manager, id, overlapSeconds);
      await manager.query(
        `update api_key set key_hash = $2, rotated_at = clock_timestamp(),
           old_secret_until = (select max(expires_at) from retired_secret where key_id = $1)
         where id = $1`,
        [id, digestKey(Buffer.from(issued.key))],
      );
      const changes = differenceOf(keyFacts(key, []), keyFacts(await findKey(manager, id), []));
      return { result: issued.key, audited: { action: 'key.rotate', target: id, changes }, concerns: isKey(id) };
    });
    return { record: await this.keys.get(id), secret };
  }

  #assertRotatable({ revokedAt, expiresAt, origin }: ApiKeyEntity): void {
    if (revokedAt) throw new AppError('invalid_state', 'The key is revoked. Make a new one.');
    if (expiresAt && expiresAt.getTime() <= this.clock.now()) {
      throw new AppError(
        'invalid_state',
        'The key has expired. Give it a later `expires_at` first, or make a new one.',
      );
    }
    if (origin !== 'preset') return;
    throw new AppError(
      'invalid_state',
      'The key is set by TRUNKLINE_ADMIN_KEY. Change that variable and start the server again.',
    );
  }
}

async function retireSecrets(manager: EntityManager, id: string, overlapSeconds: number): Promise<void> {
  if (overlapSeconds === 0) {
    await manager.query('delete from retired_secret where key_id = $1', [id]);
    return;
  }
  await manager.query('delete from retired_secret where key_id = $1 and expires_at <= clock_timestamp()', [id]);
  await manager.query(
    `update retired_secret set expires_at = least(expires_at, clock_timestamp() + make_interval(secs => $2))
      where key_id = $1`,
    [id, overlapSeconds],
  );
  await manager.query(
    `insert into retired_secret (key_hash, key_id, expires_at)
     select key_hash, id, clock_timestamp() + make_interval(secs => $2) from api_key where id = $1`,
    [id, overlapSeconds],
  );
}

function assertNotLast(id: string, adminKeys: readonly AdminKey[]): void {
  const isLasting = adminKeys.some((key) => key.isLasting);
  const able = isLasting ? adminKeys.filter((key) => key.isLasting) : adminKeys;
  if (able.length !== 1 || able[0]?.id !== id) return;
  throw new AppError(
    'last_admin_key',
    'This is the last admin key. Rotate it with `overlap_seconds` of 60 or more, so that you are not locked out when the ' +
      'answer with the new secret is lost, or make another admin key first.',
    { param: 'overlap_seconds' },
  );
}
