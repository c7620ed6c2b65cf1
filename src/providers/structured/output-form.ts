import type { ChatRequest, ResponseFormat } from '../../core/chat/chat-request.js';
import type { JsonObject } from '../../core/json.js';
import type { OutputForm } from '../provider-adapter.js';
import type { Target } from '../resilience/target.js';

/** What decides about the form at one target. */
export type FormTarget = Pick<Target, 'model' | 'catalogEntry'> & {
  readonly provider: {
    readonly config: Pick<Target['provider']['config'], 'structuredOutput'>;
    readonly adapter: Target['provider']['adapter'];
  };
};

// What functions' parameters may not begin with at one vendor or another.
const NOT_AT_THE_TOP = ['anyOf', 'oneOf', 'allOf', 'not', 'if', '$ref', 'enum', 'const'];

/**
 * How this target is brought to answer in the form that the request asks for; null when it asks for none. What the adapter
 * cannot carry is never sent; else the operator's word counts more than what the catalogue knows.
 */
export function outputFormAt(request: ChatRequest, target: FormTarget): OutputForm | null {
  const { responseFormat: format } = request;
  if (!format || format.type === 'text') return null;
  const form = preferredForm(request, format, target);
  return form === 'tool' && !canBeTool(request, format, target) ? 'instruction' : form;
}

function preferredForm(request: ChatRequest, format: ResponseFormat, target: FormTarget): OutputForm {
  const { adapter, config } = target.provider;
  const form = adapter.outputForm?.(target.model, request) ?? 'native';
  if (form !== 'native') return form;
  const isUnable = format.type === 'json-schema' && target.catalogEntry?.capabilities.jsonSchema === false;
  return config.structuredOutput ?? (isUnable ? 'tool' : 'native');
}

// The model must have nothing else to call, and its thoughts and odds belong to text.
function canBeTool(request: ChatRequest, format: ResponseFormat, { catalogEntry }: FormTarget): boolean {
  if (format.type !== 'json-schema' || !isObjectSchema(format.schema)) return false;
  if (catalogEntry?.capabilities.tools === false || (request.tools?.length ?? 0) > 0) return false;
  return !isThinking(request) && request.logprobs !== true && (request.choices ?? 1) === 1;
}

function isThinking({ reasoning: { effort = 'none', budgetTokens } = {} }: ChatRequest): boolean {
  return budgetTokens !== undefined || effort !== 'none';
}

function isObjectSchema(schema: JsonObject): boolean {
  return schema.type === 'object' && !NOT_AT_THE_TOP.some((key) => key in schema);
}
