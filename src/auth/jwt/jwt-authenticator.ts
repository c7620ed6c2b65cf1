import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { errors, type JWTPayload, jwtVerify } from 'jose';
import { AuthConfig, type JwtConfig } from '../../config/auth-config.js';
import { Clock } from '../../core/clock.js';
import { type Scope, SCOPES } from '../../core/principal.js';
import type { KnownKey } from '../api-key-cache.js';
import { ApiKeyStore } from '../api-key.store.js';
import { PROJECT_ID } from '../project.entity.js';
import { JwksSource } from './jwks-source.js';

const TOKEN_SHAPE = /^eyJ[\w-]*\.[\w-]+\.[\w-]+$/;
// Only those where knowing what checks a token does not allow to make one.
const ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];
const TOLERANCE_SECONDS = 30;
const KEY_ID_LENGTH = 24;

interface Issuer {
  readonly config: JwtConfig;
  readonly keys: JwksSource;
}

/** Takes signed tokens of the configured issuer in place of keys. */
@Injectable()
export class JwtAuthenticator {
  readonly #issuer: Issuer | null;

  constructor(
    config: AuthConfig,
    private readonly store: ApiKeyStore,
    private readonly clock: Clock,
  ) {
    this.#issuer = config.jwt && { config: config.jwt, keys: new JwksSource(config.jwt.jwksUrl, clock) };
  }

  /** Whether this is to be taken for a token; never when tokens are not configured. */
  isToken(text: string): boolean {
    return this.#issuer !== null && TOKEN_SHAPE.test(text);
  }

  /**
   * Who the token speaks for; null when it is not valid, or names a project that is unknown or disabled. Rejects with
   * `dependency_unavailable` when the issuer's keys or the database cannot be read.
   */
  async find(token: string): Promise<KnownKey | null> {
    const claims = this.#issuer && (await this.#verify(token, this.#issuer));
    if (!claims) return null;
    const { config } = this.#issuer;
    const projectId = claims[config.projectClaim];
    if (typeof projectId !== 'string' || !PROJECT_ID.test(projectId)) return null;
    const scopes = scopesOf(claims[config.scopesClaim]);
    const principal = await this.store.findInProject(projectId, keyIdOf(config.issuer, claims.sub ?? ''), scopes);
    const validForMs = ((claims.exp ?? 0) + TOLERANCE_SECONDS) * 1000 - this.clock.now();
    return principal && { principal, expiresAt: this.clock.monotonic() + validForMs };
  }

  async #verify(token: string, { config, keys }: Issuer): Promise<JWTPayload | null> {
    try {
      const { payload } = await jwtVerify(token, (header, input) => keys.find(header, input), {
        issuer: config.issuer,
        audience: config.audience,
        algorithms: ALGORITHMS,
        clockTolerance: TOLERANCE_SECONDS,
        currentDate: new Date(this.clock.now()),
        requiredClaims: ['exp', 'sub', config.projectClaim],
      });
      return payload;
    } catch (error) {
      // A TypeError is a key that does not fit the algorithm, or one that is too short for it.
      if (error instanceof errors.JOSEError || error instanceof TypeError) return null;
      throw error;
    }
  }
}

/** How ledger and logs call the bearer of a token, without saying who it is. */
function keyIdOf(issuer: string, subject: string): string {
  const digest = createHash('sha256').update(`${issuer}\0${subject}`).digest('base64url');
  return `jwt:${digest.slice(0, KEY_ID_LENGTH)}`;
}

function scopesOf(claim: unknown): Scope[] {
  const words: unknown[] = typeof claim === 'string' ? claim.split(/\s+/) : Array.isArray(claim) ? claim : [];
  return SCOPES.filter((scope) => words.includes(scope));
}
