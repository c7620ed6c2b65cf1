import type { CachesConfig, ModelConfig, TargetConfig, TimeoutConfig } from '../gateway-config.js';
import type { ModelEntry, TargetEntry } from './models-file.js';
import { toCaches, toModelCaches } from './to-caches.js';

const DEFAULT_INSTRUCTION =
  'Your last answer was cut off. Write what follows, from exactly where it stops, as if it had never been cut: repeat ' +
  'nothing of it, and say nothing about this.';

/** The text of a target as the file writes it. */
export function targetText(entry: TargetEntry): string {
  return typeof entry === 'string' ? entry : entry.model;
}

/** A target from `provider/model`, split at the first slash; null when there is no provider or no model in it. */
export function parseTarget(text: string): TargetConfig | null {
  const slash = text.indexOf('/');
  if (slash < 1 || slash === text.length - 1) return null;
  return { provider: text.slice(0, slash), model: text.slice(slash + 1), weight: 1, tier: null };
}

/** An alias of the models file, over those of its targets whose provider `isUsable`. */
export function toModel(
  name: string,
  entry: ModelEntry,
  isUsable: (provider: string) => boolean,
  instruction = DEFAULT_INSTRUCTION,
  caches: CachesConfig = toCaches(null),
): ModelConfig {
  return {
    name,
    targets: toTargets(entry.targets, isUsable),
    routing: entry.routing ?? 'priority',
    contextFallback: toTargets(entry.context_fallback ?? [], isUsable),
    timeouts: toTimeouts(entry.timeouts ?? {}),
    hedge: entry.hedge ? { after: entry.hedge.after ?? 'p95', maxExtra: entry.hedge.max_extra ?? 0.05 } : null,
    singleFlight: entry.single_flight ?? false,
    continuation: entry.on_stream_failure === 'continue' ? { instruction } : null,
    ...toModelCaches(entry.caches ?? {}, caches),
  };
}

function toTargets(entries: readonly TargetEntry[], isUsable: (provider: string) => boolean): TargetConfig[] {
  return entries.flatMap((entry) => {
    const target = parseTarget(targetText(entry));
    if (target === null || !isUsable(target.provider)) return [];
    return [typeof entry === 'string' ? target : { ...target, weight: entry.weight ?? 1, tier: entry.tier ?? null }];
  });
}

function toTimeouts(entry: NonNullable<ModelEntry['timeouts']>): Partial<TimeoutConfig> {
  const timeouts = {
    connectMs: entry.connect_ms,
    firstContentMs: entry.first_content_ms,
    responseHeadMs: entry.response_head_ms,
    idleMs: entry.idle_ms,
    bodyMs: entry.body_ms,
    totalMs: entry.total_ms,
  };
  return Object.fromEntries(Object.entries(timeouts).filter(([, value]) => value !== undefined));
}
