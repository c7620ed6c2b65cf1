import type { Cancellation } from '../../core/cancellation.js';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  answer,
  chatRequest,
  createCall,
  createWorld,
  failure,
  modelConfig,
  providerConfig,
  type ScriptStep,
  start,
  type World,
} from '../../../test/support/scripted-providers.js';
import type { CallContext } from '../../core/call-context.js';
import { ClientGoneError } from '../../core/errors/app-error.js';
import { FAILURE_RULES } from './failure-rules.js';
import type { ProviderErrorKind } from '../provider-error.js';
import { UNLIMITED } from '../../core/principal.js';

const KINDS = Object.keys(FAILURE_RULES) as ProviderErrorKind[];

const RESET_MS = 200;

const script: fc.Arbitrary<readonly ScriptStep[]> = fc.oneof(
  { weight: 4, arbitrary: fc.nat(400).map((ms): ScriptStep[] => [start, ms, ...answer.slice(1)]) },
  { weight: 3, arbitrary: fc.constantFrom(...KINDS).map((kind) => failure(kind)) },
  fc
    .record({ kind: fc.constantFrom(...KINDS), ms: fc.nat(3_000) })
    .map(({ kind, ms }) => [...answer.slice(0, 2), ms, ...failure(kind, { retryAfterMs: ms })]),
  fc.constant<ScriptStep[]>(['hang']),
  fc.constant<ScriptStep[]>([...answer.slice(0, 2), 'hang']),
  fc.constant<ScriptStep[]>([]),
);

const request = fc.record({
  pauseMs: fc.oneof(fc.constant(0), fc.nat(1_500)),
  project: fc.constantFrom('a', 'b', 'c'),
  isEmbedding: fc.boolean(),
  /** Also targets that nobody configured. */
  model: fc.constantFrom('m', 'm', 'm', 'a/x', 'a/unlisted', 'b/unlisted'),
  /** The provider that is reset while the request is under way. */
  resets: fc.option(fc.constantFrom('a', 'b'), { freq: 4 }),
  /** The client leaves after this long. */
  leavesMs: fc.option(fc.nat(4_000)),
  deadlineMs: fc.option(fc.integer({ min: 1, max: 8_000 })),
  /** How many events are read before the rest is not wanted; null reads all. */
  reads: fc.option(fc.nat(4)),
});

type Given = typeof request extends fc.Arbitrary<infer Value> ? Value : never;

/** Resolves to how many listeners are left on the call's signal. */
async function send(world: World, given: Given): Promise<number> {
  const call = createCall(world.clock, given.deadlineMs ?? Infinity);
  call.authenticate({ keyId: 'key_1', projectId: given.project, scopes: ['chat'], ...UNLIMITED });
  if (given.leavesMs !== null) {
    world.clock.schedule(() => {
      call.abort(new ClientGoneError());
    }, given.leavesMs);
  }
  const { resets } = given;
  if (resets !== null) {
    world.clock.schedule(() => {
      world.registry.reset(resets);
    }, RESET_MS);
  }
  // How it ended is looked at elsewhere.
  await ask(world, given, call).catch(() => undefined);
  call.finish();
  return (call.signal as Cancellation).listenerCount;
}

async function ask(world: World, { model, isEmbedding, reads }: Given, call: CallContext): Promise<void> {
  if (isEmbedding) {
    await world.registry.embed({ model, inputs: ['hi'] }, call);
    return;
  }
  const events = (await world.registry.chat(chatRequest({ model }), call))[Symbol.asyncIterator]();
  for (let read = 0; reads === null || read < reads; read += 1) {
    if ((await events.next()).done) return;
  }
}

describe('the planner, whatever happens', () => {
  it('gives back every permit, slot, place in a queue, retry, timer and listener', async () => {
    const breaker = { failureRatio: 0.5, minRequests: 4, windowMs: 10_000, openMs: 2_000, probes: 1 };
    const timeouts = { firstContentMs: 1_000, idleMs: 1_000, totalMs: 20_000 };
    await fc.assert(
      fc.asyncProperty(
        fc.array(request, { minLength: 1, maxLength: 60 }),
        fc.array(script, { minLength: 1, maxLength: 60 }),
        fc.array(script, { minLength: 1, maxLength: 60 }),
        async (requests, a, b) => {
          const world = createWorld({
            providers: [
              providerConfig({
                breaker,
                apiKeys: ['one', 'two'],
                limits: { requestsPerMinute: 240, tokensPerMinute: 200_000, concurrency: 3 },
                queue: { size: 6, waitMs: 2_000 },
              }),
              providerConfig({
                name: 'b',
                breaker,
                limits: { requestsPerMinute: null, tokensPerMinute: null, concurrency: 2 },
                queue: { size: 3, waitMs: 500 },
              }),
            ],
            models: [modelConfig('m', ['a/x', 'b/x'], { timeouts })],
            scripts: { a: [...a], b: [...b] },
          });
          let running = 0;
          let listeners = 0;
          for (const given of requests) {
            await world.clock.advance(given.pauseMs);
            running += 1;
            void send(world, given).then((left) => {
              running -= 1;
              listeners += left;
            });
          }
          await world.clock.advance(700_000);
          expect([running, listeners, world.clock.pendingTimers]).toEqual([0, 0, 0]);
          expect([world.budget.inFlight, world.budget.retries]).toEqual([0, 0]);
          for (const { limits, load } of world.registry.health()) {
            expect([limits?.inUse, limits?.queued, load.inFlight]).toEqual([0, 0, 0]);
          }
          // A breaker that had lost a probe would let nobody through any more.
          world.adapter('a').scripts = [answer];
          world.adapter('b').scripts = [answer];
          for (let probe = 0; probe < 3; probe += 1) await recover(world);
          const listed = world.registry.health().filter(({ model }) => model === 'x');
          const health = listed.map(({ breaker: state, credentials }) => [state, credentials.usable]);
          expect(health).toEqual([
            ['closed', 2],
            ['closed', 1],
          ]);
        },
      ),
      { numRuns: 120 },
    );
  });
});

/** Sends one good request to each target after every pause has passed. */
async function recover(world: World): Promise<void> {
  await world.clock.advance(700_000);
  for (const model of ['a/x', 'b/x']) {
    const call = createCall(world.clock);
    void world.registry.chat(chatRequest({ model }), call).finally(() => {
      call.finish();
    });
    await world.clock.advance(5_000);
  }
}
