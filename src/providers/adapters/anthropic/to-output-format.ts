import { transformJSONSchema } from '@anthropic-ai/sdk/lib/transform-json-schema';
import type { JSONOutputFormat } from '@anthropic-ai/sdk/resources/messages';
import type { ResponseFormat } from '../../../core/chat/chat-request.js';
import type { ModelTraits } from './model-traits.js';

/** A schema the provider enforces, or a sentence for the system prompt where there is none to enforce. */
export interface OutputFormat {
  format?: JSONOutputFormat;
  instruction?: string;
}

const JSON_ONLY = 'Answer with one valid JSON object and nothing else: no explanation and no code fence.';

/**
 * The form of the answer. A schema is enforced by the provider in the subset of JSON Schema that it knows; one outside of
 * that, one for a model that enforces none, and JSON without a schema, can only be asked for.
 */
export function toOutputFormat(
  format: ResponseFormat | undefined,
  { takesSchemas }: Pick<ModelTraits, 'takesSchemas'>,
  warn: (message: string) => void,
): OutputFormat {
  if (!format || format.type === 'text') return {};
  if (format.type === 'json-object') {
    warn('JSON mode became an instruction: Anthropic enforces JSON only by a schema.');
    return { instruction: JSON_ONLY };
  }
  const { description } = format;
  const schema = description === undefined ? format.schema : { description, ...format.schema };
  try {
    if (takesSchemas) return { format: { type: 'json_schema', schema: transformJSONSchema(schema) } };
  } catch {
    // Asked for below, as of a model that enforces none.
  }
  warn('The JSON schema became an instruction: the model cannot enforce schemas of its kind.');
  return { instruction: `${JSON_ONLY} It must match this JSON Schema: ${JSON.stringify(schema)}` };
}
