import { describe, expect, it } from '@jest/globals';
import type { ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { ServerConfig } from '../config/server-config.js';
import { CallContext } from '../core/call-context.js';
import { AppError } from '../core/errors/app-error.js';
import { type Scope, UNLIMITED } from '../core/principal.js';
import { attachCall } from '../http/call-of.js';
import { Access } from '../http/route-access.js';
import type { ApiKeyAuthenticator } from './api-key-authenticator.js';
import { Telemetry } from '../core/telemetry/telemetry.js';
import { ApiKeyGuard } from './api-key.guard.js';
import { Authenticated } from './authenticated.decorator.js';
import { Public } from './public.decorator.js';
import { invalidApiKey } from './read-credentials.js';

class Plain {
  unmarked(): void {
    return;
  }
  @Public()
  open(): void {
    return;
  }
  @Authenticated()
  anyKey(): void {
    return;
  }
  @Authenticated('rag')
  rag(): void {
    return;
  }
  @Access({ kind: 'metrics' })
  metrics(): void {
    return;
  }
}

@Authenticated('admin')
class Administration {
  inherited(): void {
    return;
  }
  @Public()
  open(): void {
    return;
  }
}

const KEYS: Readonly<Record<string, readonly Scope[]>> = { chat: ['chat'], rag: ['rag'], admin: ['admin'], bare: [] };

const authenticator = {
  authenticate: (key: string) => {
    const scopes = KEYS[key];
    if (!scopes) return Promise.reject(invalidApiKey());
    return Promise.resolve({ keyId: `key_${key}`, projectId: 'proj_default', scopes });
  },
} as unknown as ApiKeyAuthenticator;

interface Visit {
  outcome: string;
  message: string;
  call: CallContext;
}

function contextOf(
  controller: object,
  method: string,
  key: string | null,
): { call: CallContext; context: ExecutionContext } {
  const call = new CallContext({ id: 'req_1', surface: 'native', receivedAt: 0 });
  const request = { rawHeaders: key === null ? [] : ['Authorization', `Bearer ${key}`], ip: '192.0.2.1', socket: {} };
  attachCall(request as never, call);
  const context = {
    getHandler: () => (controller as Record<string, unknown>)[method],
    getClass: () => controller.constructor,
    switchToHttp: () => ({ getRequest: () => request }),
  } as unknown as ExecutionContext;
  return { call, context };
}

async function visit(controller: object, method: string, key: string | null, metricsAuth = false): Promise<Visit> {
  const { call, context } = contextOf(controller, method, key);
  const guard = new ApiKeyGuard(new Reflector(), authenticator, { metricsAuth } as ServerConfig, new Telemetry());
  try {
    return { outcome: (await guard.canActivate(context)) ? 'passes' : 'false', message: '', call };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { outcome: error.code, message: error.message, call };
  }
}

const plain = new Plain();
const administration = new Administration();

describe('ApiKeyGuard', () => {
  it.each<[string, object, string, string | null, string]>([
    ['an unmarked route without a key', plain, 'unmarked', null, 'missing_api_key'],
    ['an unmarked route with a bad key', plain, 'unmarked', 'junk', 'invalid_api_key'],
    ['an unmarked route with a key of no scope', plain, 'unmarked', 'bare', 'passes'],
    ['an open route without a key', plain, 'open', null, 'passes'],
    ['an open route with a bad key', plain, 'open', 'junk', 'passes'],
    ['a route for any key without one', plain, 'anyKey', null, 'missing_api_key'],
    ['a route for any key with one', plain, 'anyKey', 'bare', 'passes'],
    ['a scope with the right key', plain, 'rag', 'rag', 'passes'],
    ['a scope with another key', plain, 'rag', 'chat', 'insufficient_scope'],
    ['a scope with an admin key', plain, 'rag', 'admin', 'passes'],
    ['a scope with a bad key', plain, 'rag', 'junk', 'invalid_api_key'],
    ["a controller's scope with another key", administration, 'inherited', 'chat', 'insufficient_scope'],
    ["a controller's scope with the right key", administration, 'inherited', 'admin', 'passes'],
    ['an open route of a guarded controller', administration, 'open', null, 'passes'],
  ])('%s', async (_name, controller, method, key, expected) => {
    expect((await visit(controller, method, key)).outcome).toBe(expected);
  });

  it.each([
    [false, null, 'passes'],
    [true, null, 'missing_api_key'],
    [true, 'chat', 'insufficient_scope'],
    [true, 'admin', 'passes'],
  ])('metrics, reserved: %s, key %s', async (metricsAuth, key, expected) => {
    expect((await visit(plain, 'metrics', key, metricsAuth)).outcome).toBe(expected);
  });

  it('lets a principal that is known at once through at once', () => {
    const principal = { keyId: 'key_1', projectId: 'proj_default', scopes: ['rag'], ...UNLIMITED } as const;
    const quick = { authenticate: () => principal } as unknown as ApiKeyAuthenticator;
    const guard = new ApiKeyGuard(new Reflector(), quick, { metricsAuth: false } as ServerConfig, new Telemetry());
    const { call, context } = contextOf(plain, 'rag', 'rag');
    expect(guard.canActivate(context)).toBe(true);
    expect(call.principal).toBe(principal);
    expect(() => guard.canActivate(contextOf(administration, 'inherited', 'rag').context)).toThrow(
      expect.objectContaining({ code: 'insufficient_scope' }),
    );
  });

  it('names the scope that is missing', async () => {
    expect((await visit(plain, 'rag', 'chat')).message).toContain('`rag`');
  });

  it('tells the call who is calling, also when the scope is missing', async () => {
    expect((await visit(plain, 'rag', 'rag')).call.principal.keyId).toBe('key_rag');
    expect((await visit(plain, 'rag', 'chat')).call.principal.keyId).toBe('key_chat');
    expect((await visit(plain, 'open', 'rag')).call.isAuthenticated).toBe(false);
  });
});
