import { describe, expect, it } from '@jest/globals';
import { FakeClock } from '../../../test/support/fake-clock.js';
import type { ChatService } from '../../chat/chat.service.js';
import type { GatewayConfig } from '../../config/gateway-config.js';
import { CallContext } from '../../core/call-context.js';
import type { RerankService } from '../../media/rerank.service.js';
import type { RetrievedChunk } from '../store/load-chunks.js';
import { RerankingService } from './reranking.service.js';

const HITS = ['one', 'two'].map((id) => ({ id, title: null, text: id, score: 1 }) as RetrievedChunk);
const RERANKER = { model: 'smart', candidates: 20, isMadeForIt: false };

describe('reranking by a chat model', () => {
  it('waits ten seconds, no longer', async () => {
    const clock = new FakeClock();
    const chat = { answer: () => new Promise(() => undefined) } as unknown as ChatService;
    const reranking = new RerankingService({} as GatewayConfig, {} as RerankService, chat, clock);
    const call = new CallContext({ id: 'req_1', surface: 'rag', receivedAt: 0 });
    let judged: unknown = 'not yet';
    const judging = reranking.judge(RERANKER, 'how far?', HITS, call).then((result) => (judged = result));
    await clock.advance(9_999);
    expect(judged).toBe('not yet');
    await clock.advance(1);
    await judging;
    expect(judged).toBeNull();
    expect(call.warnings).toEqual(['The results were not reranked: The model took too long.']);
  });
});
