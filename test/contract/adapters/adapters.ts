import { SystemClock } from '../../../src/core/clock.js';
import type { ProviderConfig, ProviderType } from '../../../src/config/gateway-config.js';
import { AnthropicAdapter } from '../../../src/providers/adapters/anthropic/anthropic-adapter.js';
import { AnthropicProtocol } from '../../../src/providers/adapters/anthropic/anthropic-protocol.js';
import { GeminiAdapter } from '../../../src/providers/adapters/gemini/gemini-adapter.js';
import { GeminiProtocol } from '../../../src/providers/adapters/gemini/gemini-protocol.js';
import { OpenAiAdapter } from '../../../src/providers/adapters/openai/openai-adapter.js';
import { OpenAiProtocol } from '../../../src/providers/adapters/openai/openai-protocol.js';
import { ResponsesProtocol } from '../../../src/providers/adapters/openai/responses/responses-protocol.js';
import { renderEvents, renderMessage } from '../../fakes/anthropic/render-message.js';
import { renderResponse, renderResponses } from '../../fakes/gemini/render-response.js';
import { renderChunks, renderCompletion } from '../../fakes/openai/render-chat.js';
import { renderResponse as renderOpenAiResponse, renderResponseEvents } from '../../fakes/openai/render-response.js';
import { type AdapterUnderTest, providerConfig } from './adapter-under-test.js';

const clock = new SystemClock();
const HEAD = { id: 'answer_1', model: 'model-1', created: 1_767_225_600 };

/** What all adapters of OpenAI's protocol have in common. */
function openAiAdapter(
  name: string,
  type: ProviderType,
  options: { path: string; folders?: readonly string[]; config?: Partial<ProviderConfig> },
): AdapterUnderTest {
  const isAzure = type === 'azure-openai';
  return {
    name,
    vendor: 'openai',
    folders: ['openai', ...(options.folders ?? [])],
    create: (url, transport) => new OpenAiAdapter(providerConfig(type, url + options.path, options.config), transport),
    createProtocol: (attempt, { finishReasonOptional }) => new OpenAiProtocol(attempt, clock, finishReasonOptional),
    credentialOf: ({ headers }) =>
      isAzure ? headers['api-key']?.toString() : headers.authorization?.replace('Bearer ', ''),
    modelOf: ({ body }) => body.model,
    isStream: ({ body }) => body.stream === true,
    render: (reply, choices) => ({
      frames: renderChunks(reply, HEAD, { choices, includeUsage: true }),
      body: renderCompletion(reply, HEAD, choices),
    }),
    hasChoices: true,
    isRelayed: true,
  };
}

/** OpenAI and what else speaks its Responses. */
function responsesAdapter(): AdapterUnderTest {
  return {
    ...openAiAdapter('OpenAiAdapter by Responses', 'openai', { path: '/v1', config: { apis: ['responses'] } }),
    vendor: 'openai-responses',
    folders: ['openai-responses'],
    createProtocol: (attempt) => new ResponsesProtocol(attempt, clock),
    render: (reply) => {
      const envelope = { id: HEAD.id, createdAt: HEAD.created, model: HEAD.model };
      const asked = { include: ['reasoning.encrypted_content'] };
      return {
        frames: renderResponseEvents(reply, envelope, asked),
        body: renderOpenAiResponse(reply, envelope, asked),
      };
    },
    hasChoices: false,
    finishReasonOf: ({ finishReason, toolCalls }) => {
      if (finishReason === 'length' || finishReason === 'content-filter') return finishReason;
      return toolCalls.length > 0 ? 'tool-calls' : 'stop';
    },
  };
}

/** Gemini by a key, which the Gemini API takes and Vertex AI too. */
function geminiAdapter(name: string, type: 'gemini' | 'vertex'): AdapterUnderTest {
  const path = /\/models\/([^/:]+):(\w+)/;
  const head = { responseId: HEAD.id, modelVersion: HEAD.model };
  return {
    name,
    vendor: 'gemini',
    folders: ['gemini'],
    create: (url, transport) => new GeminiAdapter(providerConfig(type, url), transport),
    createProtocol: (attempt) => new GeminiProtocol(attempt, clock, { headers: {}, secret: attempt.apiKey }),
    credentialOf: ({ headers }) => headers['x-goog-api-key']?.toString(),
    modelOf: (request) => path.exec(request.path)?.[1],
    isStream: (request) => path.exec(request.path)?.[2] === 'streamGenerateContent',
    render: (reply, choices) => ({
      frames: renderResponses(reply, head, choices),
      body: renderResponse(reply, head, choices),
    }),
    hasChoices: true,
    isRelayed: false,
    finishReasonOf: ({ finishReason, toolCalls }) => {
      if (finishReason !== 'stop' && finishReason !== 'tool-calls') return finishReason;
      return toolCalls.length > 0 ? 'tool-calls' : 'stop';
    },
  };
}

/** Every adapter that speaks to a vendor; a new one is an entry here, a folder of wire fixtures, and passes. */
export const ADAPTERS: AdapterUnderTest[] = [
  openAiAdapter('OpenAiAdapter', 'openai', { path: '/v1' }),
  openAiAdapter('OpenAiAdapter for a compatible server', 'openai-compatible', {
    path: '/v1',
    folders: ['openai-compatible'],
  }),
  openAiAdapter('OpenAiAdapter for Azure', 'azure-openai', {
    path: '',
    folders: ['openai-azure'],
    config: { azure: { apiVersion: '2024-10-21', deployments: {} } },
  }),
  responsesAdapter(),
  {
    name: 'AnthropicAdapter',
    vendor: 'anthropic',
    folders: ['anthropic'],
    create: (url, transport) => new AnthropicAdapter(providerConfig('anthropic', url), transport),
    createProtocol: (attempt) => new AnthropicProtocol(attempt, clock),
    credentialOf: ({ headers }) => headers['x-api-key']?.toString(),
    modelOf: ({ body }) => body.model,
    isStream: ({ body }) => body.stream === true,
    render: (reply) => ({ frames: renderEvents(reply, HEAD), body: renderMessage(reply, HEAD) }),
    hasChoices: false,
    isRelayed: true,
  },
  geminiAdapter('GeminiAdapter', 'gemini'),
  geminiAdapter('GeminiAdapter for Vertex AI', 'vertex'),
];
