import type { GenerationConfig } from '@google/genai';
import type { ResponseFormat } from '../../../core/chat/chat-request.js';

/** A form that the provider enforces, or a sentence for the system instruction where it cannot. */
export interface OutputForm {
  config: Pick<GenerationConfig, 'responseMimeType' | 'responseJsonSchema'>;
  instruction?: string;
}

const JSON_TYPE = 'application/json';
const JSON_ONLY = 'When you answer in text, answer with one valid JSON object and nothing else, and no code fence.';

/** The form of the answer; older models cannot be held to one while they are offered functions. */
export function toResponseFormat(
  format: ResponseFormat | undefined,
  canEnforce: boolean,
  warn: (message: string) => void,
): OutputForm {
  if (!format || format.type === 'text') return { config: {} };
  const schema = format.type === 'json-schema' ? schemaOf(format) : undefined;
  if (canEnforce) return { config: { responseMimeType: JSON_TYPE, responseJsonSchema: schema } };
  warn('The response format became an instruction: the model enforces none beside functions.');
  const match = schema === undefined ? '' : ` It must match this JSON Schema: ${JSON.stringify(schema)}`;
  return { config: {}, instruction: `${JSON_ONLY}${match}` };
}

function schemaOf({ schema, description }: Extract<ResponseFormat, { type: 'json-schema' }>): object {
  return description === undefined ? schema : { description, ...schema };
}
