import type { GatewayConfig } from './config/gateway-config.js';
import { type ProcessRole, takesRequests } from './core/process-role.js';

export interface BannerFacts {
  version: string;
  /** Where clients reach the server, without a trailing slash. */
  url: string;
  database: string;
  role: ProcessRole;
  gateway: GatewayConfig;
  /** The key made at this first start; null when there was one already. */
  firstRunKey: string | null;
  /** Whether `TRUNKLINE_ADMIN_KEY` presets the admin key. */
  hasPresetKey: boolean;
  /** Milliseconds from the start of the process. */
  startedInMs: number;
}

const QUESTION = '{"message":"What can you do?"}';

/** What a person sees once the server is ready: where it listens, what it serves, and a command that works when pasted. */
export function renderBanner(facts: BannerFacts): string {
  const lines = [
    '',
    `Trunkline ${facts.version} is ready (${(facts.startedInMs / 1000).toFixed(1)} s)`,
    '',
    `  Listening      ${facts.url}`,
    ...(takesRequests(facts.role) ? [`  Documentation  ${facts.url}/docs`] : []),
    ...roleLines(facts.role),
    `  Database       ${facts.database}`,
    `  Providers      ${facts.gateway.providers.map((provider) => provider.name).join(', ')}`,
    ...leftOut(facts.gateway),
    `  Defaults       chat ${facts.gateway.defaults.chat}, embeddings ${facts.gateway.defaults.embeddings}`,
    ...localNotice(facts.gateway),
    ...(takesRequests(facts.role) ? trialLines(facts) : []),
    '',
  ];
  return lines.join('\n');
}

function roleLines(role: ProcessRole): string[] {
  if (role === 'both') return [];
  const meaning =
    role === 'api' ? 'api: jobs wait for a process with ROLE=worker' : 'worker: only /health and /metrics are answered';
  return [`  Role           ${meaning}`];
}

function trialLines(facts: BannerFacts): string[] {
  return [
    ...keyLines(facts),
    '',
    '  Try it:',
    `    curl -s ${facts.url}/v1/chat -H 'Authorization: Bearer '${shellKey(facts)} -H 'Content-Type: application/json' -d '${QUESTION}'`,
  ];
}

function leftOut({ keyless }: GatewayConfig): string[] {
  return keyless.length === 0 ? [] : [`  Left out       ${keyless.join(', ')}: without a key`];
}

function localNotice(gateway: GatewayConfig): string[] {
  if (gateway.providers.some((provider) => provider.type !== 'local')) return [];
  return [
    '',
    '  No provider key is set: answers come from the built-in `local` provider, which quotes your documents.',
    gateway.keyless.length > 0
      ? '  Set the keys of the providers that are left out, for language models.'
      : '  Set OPENAI_API_KEY, ANTHROPIC_API_KEY or GEMINI_API_KEY, or describe providers in config/trunkline.yaml, for language models.',
  ];
}

function keyLines(facts: BannerFacts): string[] {
  if (facts.firstRunKey !== null) {
    return ['', `  Admin key      ${facts.firstRunKey}`, '                 (shown this once; keep it)'];
  }
  if (facts.hasPresetKey) return ['', '  Admin key      the value of TRUNKLINE_ADMIN_KEY'];
  return ['', '  Admin key      made at the first start (set TRUNKLINE_ADMIN_KEY to choose your own)'];
}

// The pasted command must work: with the key itself only at the first start, with the shell's variable afterwards.
function shellKey(facts: BannerFacts): string {
  if (facts.firstRunKey !== null) return facts.firstRunKey;
  return facts.hasPresetKey ? '"$TRUNKLINE_ADMIN_KEY"' : '"$TRUNKLINE_KEY"';
}
