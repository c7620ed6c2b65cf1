import { transformJSONSchema } from '@anthropic-ai/sdk/lib/transform-json-schema';
import type { JSONOutputFormat } from '@anthropic-ai/sdk/resources/messages';
import type { ChatRequest, ResponseFormat } from '../../../core/chat/chat-request.js';
import type { OutputForm } from '../../provider-adapter.js';
import { isEnforceable } from './is-enforceable.js';
import { modelTraits } from './model-traits.js';

/**
 * The API enforces JSON only by a schema, in a subset of JSON Schema and since some generation. Other models can be made to
 * call a function, as long as they do not think meanwhile.
 */
export function outputFormOf(model: string, { responseFormat, source }: ChatRequest): OutputForm {
  if (source?.dialect === 'anthropic-messages') return 'native';
  const traits = modelTraits(model);
  if (traits.takesSchemas && toOutputFormat(responseFormat)) return 'native';
  return traits.takesForcedTools && !traits.thinksByDefault ? 'tool' : 'instruction';
}

/** The form of the answer as the API enforces it; undefined for one that it cannot. */
export function toOutputFormat(format: ResponseFormat | undefined): JSONOutputFormat | undefined {
  if (format?.type !== 'json-schema' || !isEnforceable(format.schema)) return undefined;
  const { description } = format;
  const schema = description === undefined ? format.schema : { description, ...format.schema };
  try {
    return { type: 'json_schema', schema: transformJSONSchema(schema) };
  } catch {
    return undefined;
  }
}
