import { isJsonObject, type JsonObject } from '../../../src/core/json.js';
import { wordOf } from './word-of.js';

/** What the models of one name take; the first pattern that fits counts. */
interface ModelRules {
  name: RegExp;
  thinking: readonly string[];
  isForceable: boolean;
  takesPrefill: boolean;
  sampling: 'any' | 'one' | 'none';
}

const NEW = { takesPrefill: false, sampling: 'none' } as const;

const RULES: readonly ModelRules[] = [
  { name: /(fable|mythos|opus-5-5)/, thinking: ['adaptive'], isForceable: false, ...NEW },
  { name: /sonnet-5-5/, thinking: ['adaptive', 'between_tools'], isForceable: false, ...NEW },
  { name: /(opus-5|sonnet-5|haiku-5)/, thinking: ['adaptive', 'disabled'], isForceable: true, ...NEW },
  { name: /-4-[78]/, thinking: ['adaptive', 'disabled'], isForceable: true, ...NEW },
  {
    name: /-4-6/,
    thinking: ['adaptive', 'enabled', 'disabled'],
    isForceable: true,
    takesPrefill: false,
    sampling: 'one',
  },
  { name: /-4-[1-5](?!\d)/, thinking: ['enabled', 'disabled'], isForceable: true, takesPrefill: true, sampling: 'one' },
  { name: /./, thinking: ['enabled', 'disabled'], isForceable: true, takesPrefill: true, sampling: 'any' },
];

/** What the API would say of a request that is right by itself, but not for its model; null when it is. */
export function checkModelRules(body: JsonObject): string | null {
  const rules = RULES.find(({ name }) => name.test(wordOf(body.model)));
  if (!rules) return null;
  return (
    checkThinkingType(body, rules) ?? checkSampling(body, rules) ?? checkForce(body, rules) ?? checkEnd(body, rules)
  );
}

function checkThinkingType({ thinking }: JsonObject, rules: ModelRules): string | null {
  if (!isJsonObject(thinking) || rules.thinking.includes(wordOf(thinking.type))) return null;
  const hint = 'Use "thinking.type.adaptive" and "output_config.effort" to control thinking behavior.';
  return `"thinking.type.${wordOf(thinking.type)}" is not supported for this model. ${hint}`;
}

function checkSampling({ temperature, top_p, top_k }: JsonObject, { sampling }: ModelRules): string | null {
  if (sampling === 'none') {
    const set = Object.entries({ temperature, top_p, top_k }).find(([, value]) => value !== undefined && value !== 1);
    return set ? `\`${set[0]}\` is deprecated for this model.` : null;
  }
  if (sampling === 'any' || temperature === undefined || top_p === undefined) return null;
  return '`temperature` and `top_p` cannot both be specified for this model. Please use only one.';
}

function checkForce({ tool_choice: choice }: JsonObject, { isForceable }: ModelRules): string | null {
  if (isForceable || !isJsonObject(choice) || (choice.type !== 'any' && choice.type !== 'tool')) return null;
  return `tool_choice: "${choice.type}" is not supported for this model.`;
}

function checkEnd({ messages }: JsonObject, { takesPrefill }: ModelRules): string | null {
  const last = (messages as JsonObject[]).at(-1);
  if (last?.role !== 'assistant') return null;
  if (!takesPrefill) {
    return 'This model does not support assistant message prefill. The conversation must end with a user message.';
  }
  const block = Array.isArray(last.content) ? last.content.at(-1) : { type: 'text', text: last.content ?? '' };
  const text = isJsonObject(block) && block.type === 'text' ? wordOf(block.text) : '';
  return text === text.trimEnd() ? null : 'messages: final assistant content cannot end with trailing whitespace';
}
