import type { ChatRequest } from '../../../core/chat/chat-request.js';

/** Tells `warn` of every parameter that has no place in Anthropic's API and would have changed the answer. */
export function warnAboutLosses(request: ChatRequest, hasCacheMark: boolean, warn: (message: string) => void): void {
  const lost = {
    seed: request.seed,
    presence_penalty: request.presencePenalty === 0 ? undefined : request.presencePenalty,
    frequency_penalty: request.frequencyPenalty === 0 ? undefined : request.frequencyPenalty,
    logprobs: request.logprobs === false ? undefined : request.logprobs,
    top_logprobs: request.topLogprobs,
    logit_bias: request.logitBias,
  };
  const names = Object.entries(lost).flatMap(([name, value]) => (value === undefined ? [] : [name]));
  const extra = (request.extraParameters ?? []).filter((name) => !(hasCacheMark && name === 'cache_control'));
  for (const name of [...names, ...extra]) {
    warn(`The parameter \`${name}\` was dropped: Anthropic has none like it.`);
  }
}
