import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { ChatRequest } from '../../core/chat/chat-request.js';
import { tokenUsage, totalInputTokens, totalOutputTokens } from '../../core/chat/token-usage.js';
import { costOf } from './cost-of.js';
import { dearestPrice } from './dearest-price.js';
import { plainDemand, priceDemandOf } from './price-demand.js';
import { pricesAt, type PriceTable } from './price-table.js';

const claude: PriceTable = {
  prices: { input: 3, output: 15, cachedInput: 0.3, cacheWrite5m: 3.75, cacheWrite1h: 6, audioInput: 30 },
  billsTokens: true,
  tiers: [{ aboveInputTokens: 200_000, prices: { input: 6, output: 22.5 } }],
  units: {},
  batchDiscount: 0.5,
  serviceTiers: { priority: { input: 10, output: 40 } },
  cachesOnMarks: true,
  origin: 'catalog',
};

describe(dearestPrice.name, () => {
  it.each([
    ['a short text', plainDemand(100), 3, 15],
    ['a prompt that is about to reach a tier', plainDemand(100_001), 6, 22.5],
    ['one of unknown length', plainDemand(Infinity), 6, 22.5],
    ['cache marks', { ...plainDemand(100), marksCache: true }, 6, 15],
    ['cache marks beyond a tier', { ...plainDemand(300_000), marksCache: true }, 12, 22.5],
    ['sound', { ...plainDemand(100), hasAudio: true }, 30, 15],
    ['a service tier', { ...plainDemand(100), serviceTier: 'priority' }, 10, 40],
    ['an unknown service tier', { ...plainDemand(100), serviceTier: 'constructor' }, 3, 15],
  ])('of %s', (_name, demand, input, output) => {
    expect(dearestPrice(claude, demand)).toEqual({ input, output });
  });

  it('counts cache writes without marks where the vendor writes on its own', () => {
    expect(dearestPrice({ ...claude, cachesOnMarks: false }, plainDemand(100)).input).toBe(6);
  });

  it('is never less than what a request is billed, however its tokens are divided', () => {
    const count = fc.nat(80_000);
    const usages = fc.record({
      ...{ input: count, cachedInput: count, cacheWrite5m: count, cacheWrite1h: count, imageInput: count },
      ...{ audioInput: count, output: count, reasoning: count, audioOutput: count },
    });
    const all = { marksCache: true, hasImages: true, hasAudio: true, wantsAudio: true, serviceTier: null };
    fc.assert(
      fc.property(usages, (counts) => {
        const usage = tokenUsage(counts);
        const input = totalInputTokens(usage);
        const bound = dearestPrice(claude, { inputTokens: Math.ceil(input / 2) + 1, ...all });
        const most = costOf(tokenUsage({ input, output: totalOutputTokens(usage) }), bound);
        expect(Number(costOf(usage, pricesAt(claude, input)))).toBeLessThanOrEqual(Number(most));
      }),
    );
  });
});

describe(priceDemandOf.name, () => {
  const request = (rest: Partial<ChatRequest>): ChatRequest => ({ model: 'm', messages: [], stream: false, ...rest });

  it('reads what a request may be billed for', () => {
    const body = {
      service_tier: 'priority',
      modalities: ['text', 'audio'],
      messages: [{ role: 'user', content: [{ type: 'text', text: 'x', cache_control: { type: 'ephemeral' } }] }],
    };
    const messages: ChatRequest['messages'] = [
      { role: 'user', content: [{ type: 'image', source: { kind: 'url', url: 'https://x' } }] },
      { role: 'user', content: [{ type: 'audio', data: 'AA', format: 'wav' }] },
    ];
    expect(priceDemandOf(request({ messages, source: { dialect: 'openai-chat', body } }), 7)).toEqual({
      ...{ inputTokens: 7, marksCache: true, hasImages: true, hasAudio: true, wantsAudio: true },
      serviceTier: 'priority',
    });
  });

  it('sees nothing in a plain one', () => {
    expect(priceDemandOf(request({}), 7)).toEqual(plainDemand(7));
    const body = { cache_control: null, service_tier: 'auto', modalities: ['text'] };
    expect(priceDemandOf(request({ source: { dialect: 'openai-chat', body } }), 7)).toEqual(plainDemand(7));
  });
});
