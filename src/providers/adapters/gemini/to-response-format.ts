import type { GenerationConfig } from '@google/genai';
import type { ChatRequest, ResponseFormat } from '../../../core/chat/chat-request.js';
import type { OutputForm } from '../../provider-adapter.js';
import { modelTraits } from './model-traits.js';

const JSON_TYPE = 'application/json';

/** Every model can be held to a form, but older ones not while they are offered functions. */
export function outputFormOf(model: string, { tools = [] }: ChatRequest): OutputForm {
  return tools.length === 0 || modelTraits(model).takesFormatWithTools ? 'native' : 'instruction';
}

/** The form of the answer as the API enforces it. */
export function toResponseFormat(
  format: ResponseFormat | undefined,
): Pick<GenerationConfig, 'responseMimeType' | 'responseJsonSchema'> {
  if (!format || format.type === 'text') return {};
  return {
    responseMimeType: JSON_TYPE,
    responseJsonSchema: format.type === 'json-schema' ? schemaOf(format) : undefined,
  };
}

function schemaOf({ schema, description }: Extract<ResponseFormat, { type: 'json-schema' }>): object {
  return description === undefined ? schema : { description, ...schema };
}
