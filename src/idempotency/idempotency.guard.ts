import { randomUUID } from 'node:crypto';
import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { Request, Response } from 'express';
import type { CallContext } from '../core/call-context.js';
import { callOf } from '../http/call-of.js';
import { replySettingsOf } from '../http/reply-settings.js';
import { type AnswerRelay, relayOf } from './answer-relay.js';
import { BodyDigest, boundaryOf } from './body-digest.js';
import { fingerprintOf } from './fingerprint.js';
import { deriveSecrets, type KeySecrets, readIdempotencyKey } from './idempotency-key.js';
import { type ClaimTerms, IdempotencyService } from './idempotency.service.js';
import { replayAnswer } from './replay-answer.js';

/** A request with a key. */
interface Keyed {
  readonly request: Request;
  readonly response: Response;
  readonly relay: AnswerRelay;
  readonly call: CallContext;
  readonly secrets: KeySecrets;
}

/**
 * Lets a request with an `Idempotency-Key` pass when it is the first one, and answers the others itself. A guard behind those
 * of keys and bodies, so that only requests which those let pass are compared.
 */
@Injectable()
export class IdempotencyGuard implements CanActivate {
  constructor(private readonly idempotency: IdempotencyService) {}

  /** Answers at once, without a promise, for requests without a key. */
  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    const response = context.switchToHttp().getResponse<Response>();
    const relay = relayOf(response);
    if (!relay) return true;
    const request = context.switchToHttp().getRequest<Request>();
    const call = callOf(request);
    if (!call.isAuthenticated) return true;
    const secrets = deriveSecrets(readIdempotencyKey(request), call.principal);
    return this.#admit({ request, response, relay, call, secrets });
  }

  async #admit(keyed: Keyed): Promise<boolean> {
    const { request, call, secrets } = keyed;
    const boundary = boundaryOf(request);
    const digest = boundary === null ? null : new BodyDigest(request, boundary);
    const known = digest ? null : fingerprintOf(request, secrets);
    const claim = {
      claimId: randomUUID(),
      keyId: call.principal.keyId,
      name: secrets.name,
      projectId: call.principal.projectId,
      requestId: call.id,
      fingerprint: known,
    };
    const found = await this.idempotency.claim(claim);
    if (!found) {
      const fingerprint = (): string | null => known ?? digested(digest?.digest() ?? null, keyed);
      return this.#run(keyed, { claim, secrets, fingerprint });
    }
    const own = digest && found.answer ? digested(await digest.drain(), keyed) : known;
    replayAnswer(keyed.response, await this.idempotency.answerOf(found, own, secrets), found);
    return false;
  }

  async #run({ response, relay }: Keyed, terms: ClaimTerms): Promise<boolean> {
    if (response.destroyed) {
      await this.idempotency.release(terms.claim);
      return false;
    }
    const tape = this.idempotency.tapeOf(terms);
    relay.keep(tape);
    const settings = replySettingsOf(response);
    const { reportFailure } = settings;
    settings.reportFailure = (error) => {
      tape.fail();
      reportFailure(error);
    };
    return true;
  }
}

function digested(digest: string | null, { request, secrets }: Keyed): string | null {
  return digest === null ? null : fingerprintOf(request, secrets, digest);
}
