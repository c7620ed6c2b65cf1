import type { CatalogEntry } from '../../src/providers/catalog/catalog-entry.js';

// Google moves these from one model to the next: a price that stays behind would be a wrong one.
const MOVING_ALIAS = /^gemini-.*-latest$/;

/** What the vendors' own documents say where the file says something else; `notes` gets a line where a price goes. */
export function mendEntry(entry: CatalogEntry, notes: string[]): CatalogEntry {
  const { vendor, model, kind, capabilities } = entry;
  if (kind !== 'chat' && kind !== 'responses') return entry;
  if (vendor === 'anthropic') return mendClaude(entry);
  // DeepSeek wants another address and a mark on the message for it; whoever only ends with an answer is refused.
  if (vendor === 'other') return { ...entry, capabilities: { ...capabilities, assistantPrefill: false } };
  if (/^(?:o\d|.*-deep-research)/.test(model)) return { ...entry, capabilities: { ...capabilities, reasoning: true } };
  if (model.startsWith('gpt-5-chat')) return { ...entry, capabilities: { ...capabilities, reasoning: false } };
  if (MOVING_ALIAS.test(model)) {
    notes.push(`${model}: price dropped, the name moves from model to model`);
    return { ...entry, prices: null, tiers: [] };
  }
  return entry;
}

/**
 * Since Claude 4.5 schemas are enforced by the API (the file means the detour over a forced tool as well), since 4.6 no
 * beginning of an answer is taken, and the million tokens of Sonnet 4 were for who asked for a beta.
 */
function mendClaude(entry: CatalogEntry): CatalogEntry {
  const [, major = '0', minor = '0'] = /^claude-[a-z]+-(\d{1,2})(?:-(\d{1,2}))?(?!\d)/.exec(entry.model) ?? [];
  const isAlwaysNew = /^claude-(?:fable|mythos)/.test(entry.model);
  const generation = isAlwaysNew ? Infinity : Number(major) + Number(minor) / 100;
  const isSonnet4 = /^claude-(?:4-sonnet|sonnet-4)-2/.test(entry.model);
  return {
    ...entry,
    contextWindow: isSonnet4 ? 200_000 : entry.contextWindow,
    capabilities: {
      ...entry.capabilities,
      jsonSchema: generation >= 4.05,
      assistantPrefill: generation < 4.06,
    },
  };
}

/** A dated snapshot is the model that it is a snapshot of: the window of the one that is sold under the plain name holds. */
export function mendSnapshots(entries: readonly CatalogEntry[], notes: string[]): CatalogEntry[] {
  const byName = new Map(entries.map((entry) => [`${entry.vendor}/${entry.model}`, entry]));
  return entries.map((entry) => {
    const base = byName.get(`${entry.vendor}/${entry.model.replace(/-\d{4}-\d{2}-\d{2}$/, '')}`);
    if (!base?.contextWindow || !entry.contextWindow || base.contextWindow >= entry.contextWindow) return entry;
    notes.push(`${entry.model}: window ${String(entry.contextWindow)} mended to ${String(base.contextWindow)}`);
    return { ...entry, contextWindow: base.contextWindow };
  });
}
