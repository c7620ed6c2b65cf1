import { describe, expect, it } from '@jest/globals';
import type { ChatRequest, ImagePart } from '../../core/chat/chat-request.js';
import { boundAttachments } from './attachment-bound.js';

const source = { kind: 'url', url: 'https://a.com/b' } as const;

function bound(
  image: Partial<ImagePart>,
  providerType: 'gemini' | 'vertex' | 'openai-compatible',
  model: string,
): number {
  const messages: ChatRequest['messages'] = [{ role: 'user', content: [{ type: 'image', source, ...image }] }];
  return boundAttachments({ model: 'm', messages, stream: false }, { provider: 'p', providerType, model });
}

describe('the most tokens of an image', () => {
  it('follow from its size where the vendor counts by it', () => {
    const size = { width: 3_000, height: 3_000 };
    expect(bound({ size }, 'gemini', 'gemini-2.5-flash')).toBe(16 * 258);
    expect(bound({ size }, 'vertex', 'gemini-3-pro-preview')).toBe(2_240);
    expect(bound({ size: { width: 10, height: 10 } }, 'gemini', 'gemini-2.5-flash')).toBe(2_240);
  });

  it('are those of the dearest model that there is where nobody knows', () => {
    expect(bound({}, 'gemini', 'gemini-2.5-flash')).toBe(48_169);
    expect(bound({ size: { width: 10, height: 10 } }, 'openai-compatible', 'llava')).toBe(48_169);
  });
});
