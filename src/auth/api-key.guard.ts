import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Request } from 'express';
import { ServerConfig } from '../config/server-config.js';
import { AppError } from '../core/errors/app-error.js';
import { hasScope, type Principal, type Scope } from '../core/principal.js';
import { Telemetry } from '../core/telemetry/telemetry.js';
import { callOf } from '../http/call-of.js';
import { ROUTE_ACCESS, type RouteAccess } from '../http/route-access.js';
import { ApiKeyAuthenticator } from './api-key-authenticator.js';
import { readCredentials } from './read-credentials.js';

/** Lets nobody through without a valid key of the right scope, save where the route says that it is open. */
@Injectable()
export class ApiKeyGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly authenticator: ApiKeyAuthenticator,
    private readonly server: ServerConfig,
    private readonly telemetry: Telemetry,
  ) {}

  /** Answers at once, without a promise, when the key was good a moment ago. */
  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    const required = this.#requiredScope(context);
    if (required === 'none') return true;
    try {
      const admitted = this.#admit(context.switchToHttp().getRequest<Request>(), required);
      return admitted instanceof Promise ? admitted.catch(this.#refuse) : admitted;
    } catch (error) {
      return this.#refuse(error);
    }
  }

  #admit(request: Request, required: Scope | 'any'): true | Promise<true> {
    const key = readCredentials(request.rawHeaders);
    const address = request.ip ?? request.socket.remoteAddress ?? 'unknown';
    const principal = this.authenticator.authenticate(key, address);
    if (principal instanceof Promise) return principal.then((found) => admit(request, found, required));
    return admit(request, principal, required);
  }

  // A database that is away refuses nobody.
  readonly #refuse = (error: unknown): never => {
    if (error instanceof AppError && error.code !== 'dependency_unavailable') {
      this.telemetry.authenticationRefused({ reason: error.code });
    }
    throw error;
  };

  #requiredScope(context: ExecutionContext): Scope | 'any' | 'none' {
    const targets = [context.getHandler(), context.getClass()];
    const access = this.reflector.getAllAndOverride<RouteAccess | undefined>(ROUTE_ACCESS, targets);
    switch (access?.kind) {
      case 'public':
        return 'none';
      case 'metrics':
        return this.server.metricsAuth ? 'admin' : 'none';
      default:
        return access?.scope ?? 'any';
    }
  }
}

function admit(request: Request, principal: Principal, required: Scope | 'any'): true {
  callOf(request).authenticate(principal);
  if (required !== 'any' && !hasScope(principal, required)) throw insufficientScope(required);
  return true;
}

/** The refusal of a key that is good for other things. */
export function insufficientScope(scope: Scope): AppError {
  return new AppError(
    'insufficient_scope',
    `This key lacks the scope \`${scope}\`. Use a key that has it, or ask an administrator for one.`,
  );
}
