import type {
  Content,
  FunctionCallingConfig,
  FunctionCallingConfigMode,
  GenerationConfig,
  MediaResolution,
  ThinkingConfig,
  ThinkingLevel,
  Tool,
} from '@google/genai';

// The SDK is needed for its types only, and its enums are values: on the wire they are their texts.

export type WireThinking = Omit<ThinkingConfig, 'thinkingLevel'> & { thinkingLevel?: `${ThinkingLevel}` };

export interface WireToolConfig {
  functionCallingConfig: Omit<FunctionCallingConfig, 'mode'> & { mode: `${FunctionCallingConfigMode}` };
}

export type WireConfig = Omit<GenerationConfig, 'thinkingConfig' | 'mediaResolution'> & {
  thinkingConfig?: WireThinking;
  mediaResolution?: `${MediaResolution}`;
};

/** What `:generateContent` takes. */
export interface GenerateBody {
  contents: Content[];
  systemInstruction?: Content;
  tools?: Tool[];
  toolConfig?: WireToolConfig;
  generationConfig?: WireConfig;
}
