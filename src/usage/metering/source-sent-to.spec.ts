import { describe, expect, it } from '@jest/globals';
import type { ProviderConfig, ProviderType } from '../../config/gateway-config.js';
import type { DialectName } from '../../core/chat/wire-object.js';
import { sourceSentTo } from './source-sent-to.js';

describe(sourceSentTo.name, () => {
  it.each<[DialectName, ProviderType, ProviderConfig['apis'], boolean]>([
    ['openai-chat', 'openai', undefined, true],
    ['openai-chat', 'openai-compatible', undefined, true],
    ['openai-chat', 'anthropic', undefined, false],
    ['openai-chat', 'gemini', undefined, false],
    ['openai-responses', 'openai', undefined, true],
    ['openai-responses', 'azure-openai', undefined, true],
    ['openai-responses', 'openai-compatible', undefined, false],
    ['openai-responses', 'openai-compatible', ['chat', 'responses'], true],
    ['openai-responses', 'anthropic', undefined, false],
    ['anthropic-messages', 'anthropic', undefined, true],
    ['anthropic-messages', 'openai', undefined, false],
    ['native', 'anthropic', undefined, true],
  ])('a body of %s at %s (%j): %s', (dialect, type, apis, isSent) => {
    const source = { dialect, body: {} };
    expect(sourceSentTo({ source }, { type, ...(apis && { apis }) })).toBe(isSent ? source : undefined);
  });

  it('is all there is where nothing is known of the provider', () => {
    const source = { dialect: 'openai-chat' as const, body: {} };
    expect(sourceSentTo({ source }, undefined)).toBe(source);
    expect(sourceSentTo({}, { type: 'openai' })).toBeUndefined();
  });
});
