import { describe, expect, it } from '@jest/globals';
import {
  answer,
  chatOnce,
  chatRequest,
  createCall,
  createWorld,
  failure,
  modelConfig,
  providerConfig,
  runUntilDone,
  start,
  type WorldOptions,
} from '../../test/support/scripted-providers.js';
import type { EmbeddingRequest } from '../core/embedding/embedding-request.js';
import { collectChat } from '../core/chat/collect-chat.js';
import type { CatalogEntry } from './catalog/catalog-entry.js';
import type { ProviderErrorKind } from './provider-error.js';

const SINGLE: WorldOptions = { providers: [providerConfig()], models: [modelConfig('m', ['a/x'])] };

describe('ProviderRegistry: one request', () => {
  it('answers from the first target and records how', async () => {
    const world = createWorld({ scripts: { a: [[start, 40, ...answer]] } });
    const { call, text } = await chatOnce(world);
    expect(text).toBe('hello');
    expect(call.answeredBy).toEqual({ provider: 'a', model: 'x' });
    expect(call.firstContentMs).toBe(40);
    expect(call.attempts).toEqual([
      expect.objectContaining({
        outcome: 'succeeded',
        errorKind: null,
        firstContentMs: 40,
        durationMs: 40,
        deliveredCharacters: 5,
        usage: expect.objectContaining({ output: 1 }) as unknown,
      }),
    ]);
    expect(world.telemetry.of('attemptFinished')).toEqual(call.attempts);
    expect(world.telemetry.of('firstContent')).toEqual([{ provider: 'a', model: 'x', seconds: 0.04 }]);
    expect(world.clock.pendingTimers).toBe(0);
  });

  it('embeds', async () => {
    const world = createWorld({ scripts: { a: [failure('server-error')] } });
    const call = createCall(world.clock);
    const request: EmbeddingRequest = { model: 'm', inputs: ['one', 'two'] };
    const outcome = await runUntilDone(world.clock, world.registry.embed(request, call));
    expect(outcome).toEqual({
      value: expect.objectContaining({ vectors: [expect.anything(), expect.anything()] }) as unknown,
    });
    expect(call.attempts.map((attempt) => attempt.provider)).toEqual(['a', 'a', 'b']);
    expect(call.answeredBy?.provider).toBe('b');
    expect(world.clock.pendingTimers).toBe(0);
  });

  it('ends an embedding that never comes, though the adapter heeds no signal', async () => {
    const world = createWorld({ ...SINGLE, scripts: { a: [['hang']] } });
    const call = createCall(world.clock, 2_000);
    const outcome = await runUntilDone(world.clock, world.registry.embed({ model: 'm', inputs: ['one'] }, call));
    expect(outcome).toMatchObject({ error: { code: 'upstream_timeout' } });
    expect(call.attempts[0]).toMatchObject({ outcome: 'aborted', durationMs: 2_000 });
  });
});

describe('ProviderRegistry: what the client meets', () => {
  // kind, code alone, attempts alone, code with a healthy fallback (null: 200), route with it
  it.each<[ProviderErrorKind, string, number, string | null, string]>([
    ['unreachable', 'upstream_unreachable', 3, null, 'a:failed a:failed b:succeeded'],
    ['connect-timeout', 'upstream_timeout', 2, null, 'a:failed b:succeeded'],
    ['timeout', 'upstream_timeout', 1, null, 'a:failed b:succeeded'],
    ['interrupted', 'upstream_error', 3, null, 'a:failed a:failed b:succeeded'],
    ['rate-limited', 'upstream_rate_limited', 2, null, 'a:failed b:succeeded'],
    ['quota-exhausted', 'upstream_quota_exhausted', 1, null, 'a:failed b:succeeded'],
    ['server-error', 'upstream_error', 3, null, 'a:failed a:failed b:succeeded'],
    ['overloaded', 'upstream_overloaded', 3, null, 'a:failed a:failed b:succeeded'],
    ['authentication', 'upstream_auth_failed', 1, null, 'a:failed b:succeeded'],
    ['permission', 'upstream_auth_failed', 1, null, 'a:failed b:succeeded'],
    ['invalid-request', 'upstream_rejected_request', 1, 'upstream_rejected_request', 'a:failed'],
    ['context-length', 'context_length_exceeded', 1, 'context_length_exceeded', 'a:failed'],
    ['content-filter', 'content_filter', 1, 'content_filter', 'a:failed'],
    ['model-not-found', 'upstream_model_unavailable', 1, null, 'a:failed b:succeeded'],
    ['malformed', 'malformed_response', 2, null, 'a:failed b:succeeded'],
    ['too-large', 'response_too_large', 1, 'response_too_large', 'a:failed'],
    ['redirect', 'upstream_error', 1, null, 'a:failed b:succeeded'],
  ])('F01-F19, F24-F41 %s', async (kind, aloneCode, aloneAttempts, fallbackCode, route) => {
    for (const stream of [true, false]) {
      const alone = await chatOnce(createWorld({ ...SINGLE, scripts: { a: [failure(kind)] } }), { stream });
      expect([alone.code, alone.call.attempts.length]).toEqual([aloneCode, aloneAttempts]);
      expect(alone.error?.shouldRetry).toBe(aloneAttempts >= 2 ? false : undefined);
      const world = createWorld({ scripts: { a: [failure(kind)] } });
      const fallback = await chatOnce(world, { stream });
      expect([fallback.code, fallback.route]).toEqual([fallbackCode, route]);
      expect(world.clock.pendingTimers).toBe(0);
    }
  });

  it('F13: keeps the message and the parameter of a refused request', async () => {
    const { error } = await chatOnce(createWorld({ scripts: { a: [failure('invalid-request', { param: 'seed' })] } }));
    expect([error?.message, error?.param]).toEqual(['scripted invalid-request', 'seed']);
  });

  it('F12: never shows what the provider said about credentials', async () => {
    const { error } = await chatOnce(createWorld({ ...SINGLE, scripts: { a: [failure('authentication')] } }));
    expect(error?.message).not.toContain('scripted');
  });

  it('F15: a model that only the client named is not found, and the breaker does not care', async () => {
    const breaker = { ...providerConfig().breaker, minRequests: 1 };
    const world = createWorld({
      providers: [providerConfig({ breaker })],
      models: [],
      scripts: { a: [failure('model-not-found')] },
    });
    const { code } = await chatOnce(world, { model: 'a/unlisted' });
    expect(code).toBe('model_not_found');
    expect(world.registry.health()).toMatchObject([{ breaker: 'closed', lastError: null }]);
  });

  it('goes through one retry, one fallback and no further', async () => {
    const models = [modelConfig('m', ['a/x', 'b/x', 'c/x'])];
    const providers = ['a', 'b', 'c'].map((name) => providerConfig({ name }));
    const fails = [failure('server-error')];
    const { code, route } = await chatOnce(createWorld({ providers, models, scripts: { a: fails, b: fails } }));
    expect([code, route]).toEqual(['upstream_error', 'a:failed a:failed b:failed']);
  });

  it('retries within 300 ms when the first failure may be a hiccup', async () => {
    const { text, tookMs, route } = await chatOnce(
      createWorld({ scripts: { a: [failure('server-error'), answer] }, random: 0.999 }),
    );
    expect([text, route]).toEqual(['hello', 'a:failed a:succeeded']);
    expect(tookMs).toBeLessThanOrEqual(300);
  });

  it('forgets what an attempt warned of when another one answers', async () => {
    const world = createWorld({ scripts: { a: [[50, ...failure('timeout')]] } });
    const call = createCall(world.clock);
    const work = world.registry.chat(chatRequest(), call).then(collectChat);
    await world.clock.advance(10);
    world.adapter('a').seen[0]?.attempt.warn('lost here');
    await world.clock.advance(40);
    world.adapter('b').seen[0]?.attempt.skipped();
    await runUntilDone(world.clock, work);
    expect(call.warnings).not.toContain('lost here');
    expect(call.warnings).toHaveLength(1);
    expect(world.telemetry.of('eventSkipped')).toEqual([{ provider: 'b' }]);
  });
});

describe('ProviderRegistry: capabilities', () => {
  const capabilities = {
    streaming: true,
    tools: false,
    vision: false,
    jsonSchema: false,
    reasoning: false,
    promptCaching: false,
    assistantPrefill: false,
  };
  const entry = (model: string, kind: CatalogEntry['kind']): CatalogEntry => ({
    vendor: 'other',
    model,
    kind,
    contextWindow: null,
    maxOutputTokens: null,
    dimensions: null,
    prices: null,
    tiers: [],
    capabilities,
  });
  const catalog = [entry('talks', 'chat'), entry('vectors', 'embedding')];

  it('refuses to chat with an embedding model, and to embed with a chat model', async () => {
    const world = createWorld({ catalog });
    expect((await chatOnce(world, { model: 'a/vectors' })).code).toBe('unsupported_capability');
    const embedding = world.registry.embed({ model: 'a/talks', inputs: ['one'] }, createCall(world.clock));
    await expect(embedding).rejects.toMatchObject({ code: 'unsupported_capability', param: 'model' });
  });

  it('lists aliases and models', () => {
    const world = createWorld({ catalog, models: [modelConfig('m', ['b/vectors'])] });
    expect(
      world.registry.models().map(({ id, kind, aliases, targets, ownedBy }) => [id, kind, aliases, targets, ownedBy]),
    ).toEqual([
      ['m', 'embedding', [], ['b/vectors'], 'trunkline'],
      ['a/talks', 'chat', ['talks'], ['a/talks'], 'a'],
      ['a/vectors', 'embedding', ['vectors'], ['a/vectors'], 'a'],
      ['b/vectors', 'embedding', ['m'], ['b/vectors'], 'b'],
      ['b/talks', 'chat', [], ['b/talks'], 'b'],
    ]);
  });
});
