import type { ModelInfo } from '../providers/model-info.js';
import type { ModelDto } from './model.dto.js';

/** A model as OpenAI lists it, with what we know besides. `created` is when this list was made, in Unix seconds. */
export function renderModel(model: ModelInfo, created: number): ModelDto {
  const { capabilities, pricing } = model;
  return {
    id: model.id,
    object: 'model',
    created,
    owned_by: model.ownedBy,
    kind: model.kind,
    aliases: [...model.aliases],
    targets: [...model.targets],
    context_window: model.contextWindow,
    max_output_tokens: model.maxOutputTokens,
    dimensions: model.dimensions,
    capabilities: capabilities && {
      streaming: capabilities.streaming,
      tools: capabilities.tools,
      vision: capabilities.vision,
      json_schema: capabilities.jsonSchema,
      reasoning: capabilities.reasoning,
      prompt_caching: capabilities.promptCaching,
    },
    pricing: pricing && {
      input: pricing.input,
      output: pricing.output,
      cached_input: pricing.cachedInput ?? null,
    },
  };
}
