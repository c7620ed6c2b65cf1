import { Injectable } from '@nestjs/common';
import type { Principal } from '../core/principal.js';
import { ApiKeyStore } from './api-key.store.js';

/** Who is behind work that goes on after the request that began it. */
@Injectable()
export class KeyPrincipals {
  constructor(private readonly store: ApiKeyStore) {}

  /**
   * What the key may use now; null when it may not be used any more. Work that no key of ours began (that of a token's
   * bearer, or without any) has what the project allows, without a scope.
   */
  async of(keyId: string | null, projectId: string): Promise<Principal | null> {
    if (keyId?.startsWith('key_')) return this.store.findById(keyId);
    return this.store.findInProject(projectId, keyId ?? '', []);
  }
}
