import { timingSafeEqual } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { Repository } from 'typeorm';
import { Clock } from '../core/clock.js';
import { UNLIMITED } from '../core/principal.js';
import { ApiKeyEntity } from './api-key.entity.js';
import type { KnownKey } from './api-key-cache.js';

/** Reads keys as the database has them now. */
@Injectable()
export class ApiKeyStore {
  constructor(
    @InjectRepository(ApiKeyEntity) private readonly keys: Repository<ApiKeyEntity>,
    private readonly clock: Clock,
  ) {}

  /** The key of this digest when it may be used; `id` is what the key says of itself, null when its shape says nothing. */
  async findUsable(id: string | null, digest: Buffer): Promise<KnownKey | null> {
    const key = await this.keys.findOne({
      where: id === null ? { keyHash: digest } : { id },
      relations: { project: true },
      select: {
        id: true,
        projectId: true,
        scopes: true,
        keyHash: true,
        expiresAt: true,
        revokedAt: true,
        project: { id: true, disabledAt: true },
      },
    });
    const matches = timingSafeEqual(key?.keyHash ?? Buffer.alloc(digest.length), digest);
    if (!key || !matches || !this.#isUsable(key)) return null;
    return {
      principal: { keyId: key.id, projectId: key.projectId, scopes: key.scopes, ...UNLIMITED },
      expiresAt: key.expiresAt?.getTime() ?? null,
    };
  }

  #isUsable(key: ApiKeyEntity): boolean {
    if (key.revokedAt !== null || key.project?.disabledAt !== null) return false;
    return key.expiresAt === null || key.expiresAt.getTime() > this.clock.now();
  }
}
