import { describe, expect, it } from '@jest/globals';
import {
  answer,
  chatOnce,
  createWorld,
  failure,
  modelConfig,
  providerConfig,
  type ScriptStep,
  type World,
} from '../../../test/support/scripted-providers.js';
import type { CatalogEntry } from '../catalog/catalog-entry.js';

const WINDOWS: Readonly<Record<string, number>> = {
  small: 8_000,
  middle: 32_000,
  alike: 32_000,
  large: 128_000,
  huge: 1_000_000,
};

const catalog = Object.entries(WINDOWS).map(
  ([model, contextWindow]) =>
    ({
      vendor: 'other',
      model,
      kind: 'chat',
      contextWindow,
      maxOutputTokens: null,
      dimensions: null,
      prices: null,
      tiers: [],
      capabilities: {
        streaming: true,
        tools: true,
        vision: true,
        jsonSchema: true,
        reasoning: false,
        promptCaching: false,
        assistantPrefill: false,
      },
    }) satisfies CatalogEntry,
);

const tooLong = failure('context-length');

/** The model's own targets are given, and then its fallbacks; each is at the provider of its own name. */
function setUp(
  targets: readonly string[],
  fallback: readonly string[],
  scripts: Record<string, (readonly ScriptStep[])[]>,
): World {
  const names = [...new Set([...targets, ...fallback])];
  const path = (name: string): string => `${name}/${name}`;
  const contextFallback = modelConfig('f', fallback.map(path)).targets;
  return createWorld({
    providers: names.map((name) => providerConfig({ name })),
    models: [modelConfig('m', targets.map(path), { contextFallback })],
    catalog,
    scripts,
  });
}

describe('context fallback', () => {
  it.each<{
    title: string;
    targets: string[];
    fallback: string[];
    scripts: Record<string, ScriptStep[][]>;
    code?: string;
    route: string;
  }>([
    {
      title: 'F14 refused where none is configured',
      targets: ['small', 'huge'],
      fallback: [],
      scripts: { small: [tooLong] },
      code: 'context_length_exceeded',
      route: 'small:failed',
    },
    {
      title: 'F14 goes to the larger window',
      targets: ['small'],
      fallback: ['large'],
      scripts: { small: [tooLong] },
      route: 'small:failed large:succeeded',
    },
    {
      title: 'F14 passes over a window that is no larger than what was too small',
      targets: ['small'],
      fallback: ['middle', 'alike', 'large'],
      scripts: { small: [tooLong], middle: [tooLong] },
      route: 'small:failed middle:failed large:succeeded',
    },
    {
      title: 'F14 takes a fallback whose window nobody knows at its word',
      targets: ['small'],
      fallback: ['unknown', 'large'],
      scripts: { small: [tooLong] },
      route: 'small:failed unknown:succeeded',
    },
    {
      title: 'F14 refused when none is larger',
      targets: ['small'],
      fallback: ['huge', 'large'],
      scripts: { small: [tooLong], huge: [tooLong] },
      code: 'context_length_exceeded',
      route: 'small:failed huge:failed',
    },
    {
      title: 'F14 any known window is larger than one that nobody knows',
      targets: ['unknown'],
      fallback: ['large'],
      scripts: { unknown: [tooLong] },
      route: 'unknown:failed large:succeeded',
    },
    {
      title: 'F14 goes on to one that is larger still',
      targets: ['small'],
      fallback: ['large', 'huge'],
      scripts: { small: [tooLong], large: [tooLong] },
      route: 'small:failed large:failed huge:succeeded',
    },
    {
      title: 'F14 stays within the attempts of a call',
      targets: ['unknown'],
      fallback: ['small', 'large', 'huge'],
      scripts: { unknown: [tooLong], small: [tooLong], large: [tooLong] },
      code: 'context_length_exceeded',
      route: 'unknown:failed small:failed large:failed',
    },
    {
      title: 'F14 never goes back to a small window when the large one fails',
      targets: ['small', 'other'],
      fallback: ['large'],
      scripts: { small: [tooLong], large: [failure('timeout')] },
      code: 'upstream_timeout',
      route: 'small:failed large:failed',
    },
    {
      title: 'F35 never around a content filter',
      targets: ['small'],
      fallback: ['large'],
      scripts: { small: [failure('content-filter')] },
      code: 'content_filter',
      route: 'small:failed',
    },
    {
      title: 'F13 never around a refusal',
      targets: ['small'],
      fallback: ['large'],
      scripts: { small: [failure('invalid-request')] },
      code: 'upstream_rejected_request',
      route: 'small:failed',
    },
  ])('$title', async ({ targets, fallback, scripts, code, route }) => {
    const world = setUp(targets, fallback, scripts);
    const outcome = await chatOnce(world);
    expect([outcome.code, outcome.route]).toEqual([code ?? null, route]);
    expect(world.clock.pendingTimers).toBe(0);
  });

  it('F14 says that the prompt is too long when the fallback is ill', async () => {
    const world = setUp(['small'], ['large'], { small: [tooLong], large: [failure('authentication')] });
    await chatOnce(world, { model: 'large/large' });
    const { code, route } = await chatOnce(world);
    expect([code, route]).toEqual(['context_length_exceeded', 'small:failed']);
  });

  it('F14 does not blame the target', async () => {
    const world = setUp(['small'], ['large'], { small: [tooLong, answer] });
    await chatOnce(world);
    expect(world.registry.health()[0]).toMatchObject({ breaker: 'closed', lastError: null, consecutiveFailures: 0 });
  });
});
