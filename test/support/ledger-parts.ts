import type { LedgerOpening, LedgerRecord } from '../../src/usage/ledger/ledger-record.js';
import { tokenUsage } from '../../src/core/chat/token-usage.js';

/** The opening of a chat request of the default project. */
export function ledgerOpening(id: string, rest: Partial<LedgerOpening> = {}): LedgerOpening {
  return {
    id,
    requestId: `req_${id}`,
    projectId: 'proj_default',
    keyId: 'key_1',
    surface: 'openai',
    operation: 'chat',
    requestedModel: 'smart',
    startedAt: new Date('2026-01-02T03:04:05.678Z'),
    tags: ['a', 'b,"c'],
    provider: 'openai',
    model: 'gpt-4o',
    estimatedInputTokens: 40,
    holds: [],
    ...rest,
  };
}

/** The end of such a request: an attempt that failed and one that answered, which cost all of it. */
export function ledgerRecord(id: string, rest: Partial<LedgerRecord> = {}): LedgerRecord {
  const { usage = tokenUsage({ input: 42, output: 7 }), costUsd = '0.0075000001' } = rest;
  const target = { provider: 'openai', model: 'gpt-4o', credential: 'hash' };
  return {
    id,
    requestId: `req_${id}`,
    projectId: 'proj_default',
    keyId: 'key_1',
    surface: 'openai',
    operation: 'chat',
    requestedModel: 'smart',
    provider: 'openai',
    model: 'gpt-4o',
    status: 'succeeded',
    errorCode: null,
    usage,
    costUsd,
    tags: ['a', 'b,"c'],
    startedAt: new Date('2026-01-02T03:04:05.678Z'),
    durationMs: 40,
    firstContentMs: null,
    attempts: [
      {
        ...target,
        ...{ n: 1, outcome: 'failed', errorKind: 'overloaded', usage: tokenUsage(), costUsd: '0', durationMs: 10 },
        ...{ offsetMs: 0, firstContentMs: null, purpose: null, isAside: false },
      },
      {
        ...target,
        ...{ n: 2, outcome: 'succeeded', errorKind: null, usage, costUsd, durationMs: 30 },
        ...{ offsetMs: 10, firstContentMs: 20, purpose: 'hedge', isAside: false },
      },
    ],
    charges: [],
    ...rest,
  };
}
