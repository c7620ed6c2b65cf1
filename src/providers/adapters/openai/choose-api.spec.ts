import { describe, expect, it } from '@jest/globals';
import type { OpenAiApi, ProviderConfig } from '../../../config/gateway-config.js';
import type { DialectName } from '../../../core/chat/wire-object.js';
import type { CatalogKind } from '../../catalog/catalog-entry.js';
import { apisOf, chooseApi } from './choose-api.js';

type Asked = [kind: CatalogKind | null, model: string, expected: OpenAiApi];
type Server = Pick<ProviderConfig, 'type' | 'apis' | 'azure'>;

const OPENAI: Server = { type: 'openai', azure: null };
const AZURE: Server = { type: 'azure-openai', azure: { apiVersion: null, deployments: {} } };
const OLD_AZURE: Server = { type: 'azure-openai', azure: { apiVersion: '2024-10-21', deployments: {} } };
const LAB: Server = { type: 'openai-compatible', azure: null };
const ALL_OF_IT: Server = { ...LAB, apis: ['chat', 'responses', 'completions'] };

function choose(server: Server, dialect: DialectName, kind: CatalogKind | null, name: string): OpenAiApi {
  const source = { dialect, body: {} };
  return chooseApi({ source }, { name, kind }, { apis: apisOf(server), isStrict: server.type !== 'openai-compatible' });
}

describe(chooseApi, () => {
  it.each<[string, Server, DialectName, ...Asked]>([
    ['chat', OPENAI, 'openai-chat', 'chat', 'gpt-5.1', 'chat'],
    ["another vendor's dialect", OPENAI, 'anthropic-messages', 'chat', 'gpt-5.1', 'chat'],
    ['responses', OPENAI, 'openai-responses', 'chat', 'gpt-5.1', 'responses'],
    ['responses at a model that nobody knows', OPENAI, 'openai-responses', null, 'gpt-9', 'responses'],
    ['responses at a model that hears', OPENAI, 'openai-responses', 'chat', 'gpt-audio', 'chat'],
    ['responses at a model that searches', OPENAI, 'openai-responses', 'chat', 'gpt-4o-search-preview', 'chat'],
    ['responses at Azure', AZURE, 'openai-responses', null, 'mine', 'responses'],
    ["responses at a deployment's own address", OLD_AZURE, 'openai-responses', null, 'mine', 'chat'],
    ['responses at a server of which nothing is said', LAB, 'openai-responses', null, 'llama', 'chat'],
    ['responses at a server that has them', ALL_OF_IT, 'openai-responses', null, 'gpt-audio', 'responses'],
    ['chat at a server that has everything', ALL_OF_IT, 'openai-chat', null, 'llama', 'chat'],
    ['chat with a model that has responses alone', OPENAI, 'openai-chat', 'responses', 'o3-pro', 'responses'],
    ['the same behind an old address, which has none', OLD_AZURE, 'openai-chat', 'responses', 'mine', 'chat'],
    ['a completion at a chat model', OPENAI, 'openai-completions', 'chat', 'gpt-5.1', 'chat'],
    ['a completion at one for completions', OPENAI, 'openai-completions', 'completion', 'x', 'completions'],
    ['a completion at one that only its name tells', OPENAI, 'openai-completions', null, 'davinci-002', 'completions'],
    ['a completion at a server that has them', ALL_OF_IT, 'openai-completions', null, 'llama', 'completions'],
    ['a completion at one that has none', LAB, 'openai-completions', null, 'llama', 'chat'],
    ['anything at a server with nothing else', { ...LAB, apis: ['responses'] }, 'native', null, 'm', 'responses'],
  ])('%s', (_name, server, dialect, ...[kind, model, expected]) => {
    expect(choose(server, dialect, kind, model)).toBe(expected);
  });
});
