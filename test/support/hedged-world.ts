import type { HedgeConfig } from '../../src/config/gateway-config.js';
import type { CallContext } from '../../src/core/call-context.js';
import type { ChatEvent } from '../../src/core/chat/chat-event.js';
import { collectChat } from '../../src/core/chat/collect-chat.js';
import { AppError } from '../../src/core/errors/app-error.js';
import {
  chatRequest,
  createCall,
  createWorld,
  finish,
  modelConfig,
  providerConfig,
  type ScriptStep,
  start,
  type World,
  type WorldOptions,
} from './scripted-providers.js';

/** Half as many second requests as first ones: more than any of these tests sends. */
export const HEDGE: HedgeConfig = { after: 'p95', maxExtra: 0.5 };
/** Milliseconds that answers usually take, and what is known of that: the end of a bucket of the histogram. */
export const USUAL_MS = 100;
export const MOST_DELAY_MS = USUAL_MS * 1.05;

export const says = (text: string): ChatEvent => ({ type: 'text-delta', choice: 0, text });
/** A whole answer of one word, after some milliseconds. */
export const after = (ms: number, text: string): ScriptStep[] => [start, ms, says(text), finish];
/** Silence, and then one thing more. */
export const silentThen = (ms: number, step: ScriptStep): ScriptStep[] => [start, ms, step];

interface Sent {
  readonly call: CallContext;
  readonly done: Promise<string>;
}

/** Sends one request; what comes of it is its text, or its error. */
export function send(world: World, overrides: Parameters<typeof chatRequest>[0] = {}): Sent {
  const call = createCall(world.clock);
  const done = world.registry
    .chat(chatRequest(overrides), call)
    .then(collectChat)
    .then(
      ({ choices }) => choices[0]?.text ?? '',
      (error: unknown) => (error instanceof AppError ? error.code : (error as Error).name),
    );
  return { call, done };
}

/** A world whose model has had 25 usual answers; then come the scripts. */
export async function learnt(
  scripts: Record<string, ScriptStep[][]>,
  hedge: HedgeConfig = HEDGE,
  options: WorldOptions = {},
): Promise<World> {
  const names = Object.keys(scripts);
  const world = createWorld({
    providers: names.map((name) => providerConfig({ name })),
    models: [
      modelConfig(
        'm',
        names.map((name) => `${name}/x`),
        { hedge },
      ),
    ],
    scripts: { ...scripts, a: [...Array.from({ length: 25 }, () => after(USUAL_MS, 'a')), ...(scripts.a ?? [])] },
    ...options,
  });
  for (let count = 0; count < 25; count += 1) {
    const { done } = send(world);
    await world.clock.advance(USUAL_MS);
    await done;
  }
  return world;
}

/** Lets the call come to its end, and says what that was. */
export async function end(world: World, { call, done }: Sent, ms = 60_000): Promise<{ text: string; route: string }> {
  await world.clock.advance(ms);
  const text = await done;
  call.finish();
  return { text, route: routeOf(call) };
}

/** Each attempt as `provider:outcome`. */
export function routeOf(call: CallContext): string {
  return call.attempts.map(({ provider, outcome }) => `${provider}:${outcome ?? '?'}`).join(' ');
}
