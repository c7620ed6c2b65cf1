import { describe, expect, it } from '@jest/globals';
import type { ChatMessage } from '../../core/chat/chat-request.js';
import type { JsonObject } from '../../core/json.js';
import { type PricedParameters, unpricedParameter } from './unpriced-parameter.js';

const text: ChatMessage = { role: 'user', content: [{ type: 'text', text: 'hi' }] };
const sound: ChatMessage = { role: 'user', content: [{ type: 'audio', data: 'AAAA', format: 'wav' }] };
const plain: PricedParameters = { prices: { input: 1, output: 2 }, serviceTiers: {}, origin: 'catalog' };

function find(body: JsonObject, price: Partial<PricedParameters> = {}, messages = [text]): string | null {
  return unpricedParameter({ messages, source: { dialect: 'openai-chat', body } }, { ...plain, ...price });
}

describe(unpricedParameter.name, () => {
  it.each<[JsonObject, string]>([
    [{ web_search_options: {} }, 'web_search_options'],
    [{ search_parameters: { mode: 'on' } }, 'search_parameters'],
    [{ plugins: [{ id: 'web' }] }, 'plugins'],
    [{ mcp_servers: [{ url: 'https://x' }] }, 'mcp_servers'],
    [{ container: 'c' }, 'container'],
    [{ inference_geo: 'us' }, 'inference_geo'],
    [{ speed: 'fast' }, 'speed'],
    [{ service_tier: 'priority' }, 'service_tier'],
    [{ service_tier: 'constructor' }, 'service_tier'],
    [{ modalities: ['text', 'audio'] }, 'modalities'],
    [{ tools: [{ type: 'function' }, { type: 'web_search_20250305', name: 'web_search' }] }, 'tools[1].type'],
    [{ tools: [{ type: 'code_interpreter' }] }, 'tools[0].type'],
    [{ tools: [{ type: 'code_execution_20250825' }] }, 'tools[0].type'],
    [{ tools: [{ type: 'namespace', tools: [{ type: 'web_search' }] }] }, 'tools[0].tools[0].type'],
    [
      { input: ['Hi', { type: 'additional_tools', role: 'developer', tools: [{ type: 'web_search' }] }] },
      'input[1].tools[0].type',
    ],
  ])('finds what costs money in %j', (body, expected) => {
    expect(find(body)).toBe(expected);
  });

  it.each<[JsonObject]>([
    [{}],
    [{ web_search_options: null, plugins: [], speed: 'standard', inference_geo: 'global', container: null }],
    [{ service_tier: 'auto' }],
    [{ service_tier: 'default' }],
    [{ service_tier: 'standard_only' }],
    [{ service_tier: 'flex' }],
    [{ modalities: ['text'] }],
    [{ tools: [{ type: 'function' }, { type: 'custom' }, { type: 'bash_20250124' }, { name: 'typeless' }] }],
    [{ tools: 'nonsense', modalities: 'audio', service_tier: 5 }],
  ])('lets pass what costs its tokens, or nothing: %j', (body) => {
    expect(find(body)).toBeNull();
  });

  it('lets pass what has a price', () => {
    const prices = { input: 1, output: 2, audioInput: 30, audioOutput: 60 };
    expect(find({ modalities: ['audio'] }, { prices }, [sound])).toBeNull();
    expect(find({ service_tier: 'priority' }, { serviceTiers: { priority: prices } })).toBeNull();
  });

  it('finds sound whose tokens have no price, and takes requests without a body', () => {
    expect(find({}, {}, [text, sound])).toBe('messages[1].content');
    expect(unpricedParameter({ messages: [text] }, plain)).toBeNull();
  });

  it('finds nothing at a model that runs here', () => {
    expect(find({ web_search_options: {}, service_tier: 'priority' }, { origin: 'local' }, [sound])).toBeNull();
  });
});
