import type { FaultLane } from './fault-lane.js';

/** Milliseconds, small enough for tests and large enough for a busy machine. */
export const TIMERS = { connect_ms: 1_000, first_content_ms: 1_500, idle_ms: 1_000, body_ms: 2_000, total_ms: 20_000 };

const PRICE = { input: 1, output: 2 };
const PATIENT = { min_requests: 10_000 };
// One failure that counts is enough to open it, so that one call shows whether it did.
const FRAGILE = { min_requests: 1, failure_ratio: 0.01, open_ms: 60_000 };

/** A provider that cannot be had; all lanes share it. */
export interface BadProvider {
  name: string;
  type: 'openai-compatible' | 'anthropic' | 'gemini';
  url: string;
  /** The surfaces of one that speaks OpenAI's protocol. */
  apis?: readonly string[];
}

/** An entry of the models file, with names as a lane says them. */
export interface LaneModel {
  targets: readonly string[];
  context_fallback?: readonly string[];
  timeouts?: object;
  [more: string]: unknown;
}

/** What the models file holds: entries by name. */
export interface Gateway {
  providers: Record<string, object>;
  models: Record<string, object>;
}

export interface GatewayOptions {
  /** More of them, with the same models as those of the vendors, under their own names. */
  bad?: readonly BadProvider[];
  /** Models on top of the bench's own; entries as in the models file, with names as the lane says them. */
  models?: Record<string, LaneModel>;
  /** Asked once the fakes listen. */
  providers?: (lane: FaultLane) => Record<string, object>;
  timers?: Record<string, number>;
}

/**
 * What the models file has of a lane. For each vendor the models `<vendor>-alone`, `<vendor>-first` (a healthy sibling of
 * another vendor behind it) and `<vendor>-fragile` (alone, behind a breaker that opens at the first failure that counts),
 * and the same with `embed-` before it for embeddings.
 */
export function laneGateway(lane: FaultLane, options: GatewayOptions): Gateway {
  const { openai, anthropic, gemini, responses, spare } = lane;
  const timeouts = { ...TIMERS, ...options.timers };
  const own: BadProvider[] = [
    { name: 'openai', type: 'openai-compatible', url: openai.url, apis: ['chat', 'completions'] },
    { name: 'anthropic', type: 'anthropic', url: anthropic.url },
    { name: 'gemini', type: 'gemini', url: gemini.url },
    { name: 'responses', type: 'openai-compatible', url: responses.url, apis: ['responses'] },
  ];
  const providers = {
    ...merged(own.map(providersOf)),
    spare: { type: 'openai-compatible', base_url: spare.url, api_keys: ['sk-spare-key'], breaker: PATIENT },
    ...options.providers?.(lane),
  };
  const shared = new Set(options.bad?.flatMap(({ name }) => [name, `fragile-${name}`]));
  const models = {
    ...merged([...own, ...(options.bad ?? [])].map((one) => modelsOf(one, timeouts))),
    ...options.models,
  };
  const targetOf = (target: string): string => (shared.has(target.split('/')[0] ?? '') ? target : lane.nameOf(target));
  return {
    providers: renamed(lane, providers),
    models: renamed(
      lane,
      mapValues(models, (model) => withTargets(model, targetOf)),
    ),
  };
}

/** The providers that all lanes share. */
export function sharedProviders({ bad = [] }: GatewayOptions): Record<string, object> {
  return merged(bad.map(providersOf));
}

/** One price for everything that the providers are asked for. */
export function pricesOf(providers: Record<string, object>): Record<string, object> {
  const names = Object.keys(providers).flatMap((name) => [`${name}/m`, `${name}/e`]);
  return Object.fromEntries(names.map((name) => [name, PRICE]));
}

function providersOf({ name, type, url, apis }: BadProvider): Record<string, object> {
  const provider = {
    type,
    apis,
    base_url: url,
    api_keys: [`sk-${type === 'openai-compatible' ? 'openai' : type}-key`],
  };
  return {
    [name]: { ...provider, breaker: PATIENT },
    [`fragile-${name}`]: { ...provider, breaker: FRAGILE },
  };
}

function modelsOf({ name, type, apis }: BadProvider, timeouts: object): Record<string, LaneModel> {
  const isChat = type === 'openai-compatible' && apis?.includes('chat') !== false;
  const sibling = isChat ? 'anthropic' : 'openai';
  const chat = {
    [`${name}-alone`]: { targets: [`${name}/m`], timeouts },
    [`${name}-first`]: { targets: [`${name}/m`, `${sibling}/m`], timeouts },
    [`${name}-fragile`]: { targets: [`fragile-${name}/m`], timeouts },
  };
  if (!isChat) return chat;
  const kind = 'embeddings';
  return {
    ...chat,
    [`embed-${name}-alone`]: { kind, targets: [`${name}/e`], timeouts },
    [`embed-${name}-first`]: { kind, targets: [`${name}/e`, 'spare/e'], timeouts },
    [`embed-${name}-fragile`]: { kind, targets: [`fragile-${name}/e`], timeouts },
  };
}

function withTargets(model: LaneModel, nameOf: (target: string) => string): LaneModel {
  const { targets, context_fallback: fallback } = model;
  return { ...model, targets: targets.map(nameOf), ...(fallback ? { context_fallback: fallback.map(nameOf) } : {}) };
}

function renamed<T>(lane: FaultLane, entries: Record<string, T>): Record<string, T> {
  return Object.fromEntries(Object.entries(entries).map(([name, entry]) => [lane.nameOf(name), entry]));
}

function mapValues<T, R>(entries: Record<string, T>, change: (value: T) => R): Record<string, R> {
  return Object.fromEntries(Object.entries(entries).map(([name, value]) => [name, change(value)]));
}

function merged<T>(parts: readonly Record<string, T>[]): Record<string, T> {
  return Object.assign({}, ...parts) as Record<string, T>;
}
