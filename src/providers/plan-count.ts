import type { ChatRequest } from '../core/chat/chat-request.js';
import type { Clock } from '../core/clock.js';
import { embeddingDemand } from './limits/token-demand.js';
import type { AttemptPlan } from './resilience/attempt-planner.js';
import { RoutedChat } from './routing/routed-request.js';
import type { Route } from './routing/route-table.js';

/** Nobody waits longer for a number that can be estimated, for a place among the provider's requests included. */
const TOTAL_MS = 5_000;
/** The request is given up by the time above first, of which nobody has to think ill. */
const MARGIN_MS = 1_000;

/**
 * How the first target of a chat request is asked for its prompt tokens; null when it does not count. A server may answer and
 * not be able to count: no failure says anything of the target, or of its credential.
 */
export function planCount(
  { candidates, strategy, timeouts }: Route,
  request: ChatRequest,
  clock: Clock,
): AttemptPlan<number> | null {
  const [target] = strategy(candidates, new RoutedChat(request)).targets;
  if (!target?.provider.adapter.countTokens) return null;
  const endsAt = clock.monotonic() + TOTAL_MS;
  return {
    operation: 'count_tokens',
    targets: [target],
    totalMs: Math.min(timeouts.plain.totalMs, TOTAL_MS + MARGIN_MS),
    // Nothing is generated, and the prompt is not counted against the provider's limits.
    demand: embeddingDemand({ model: request.model, inputs: [] }),
    timeoutsFor: () => timeouts.plain,
    firstContentMsOf: () => Infinity,
    perform: async (attempt, { provider, model }) => {
      const answer = provider.adapter.countTokens?.(model, request, attempt);
      if (!answer) throw new Error(`The adapter of "${provider.config.name}" cannot count.`);
      const giveUp = (): void => {
        attempt.cancel('The provider did not count the tokens.');
      };
      const stopTimer = clock.schedule(giveUp, Math.max(0, endsAt - clock.monotonic()));
      try {
        const tokens = await attempt.race(answer);
        attempt.succeed();
        return tokens;
      } catch (error) {
        giveUp();
        throw error;
      } finally {
        stopTimer();
      }
    },
  };
}
