import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { Logger } from '@nestjs/common';
import { tokenUsage } from '../../src/core/chat/token-usage.js';
import { toFinalEntry } from '../../src/usage/ledger/ledger-entry.js';
import type { LedgerRecord } from '../../src/usage/ledger/ledger-record.js';
import type { LedgerStore } from '../../src/usage/ledger/ledger-store.js';
import { toRecordedRequestDto } from '../../src/usage/recorded-request.dto.js';
import { LedgerDatabase } from '../support/ledger-database.js';

Logger.overrideLogger(false);

const usage = tokenUsage({ input: 1_000, cachedInput: 200, cacheWrite1h: 30, output: 500, reasoning: 40 });

function record(rest: Partial<LedgerRecord> = {}): LedgerRecord {
  return {
    id: randomUUID(),
    requestId: 'req_1',
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
    costUsd: '0.0075000001',
    tags: ['a', 'b,"c'],
    startedAt: new Date('2026-01-02T03:04:05.678Z'),
    durationMs: 40,
    firstContentMs: null,
    charges: [],
    attempts: [1, 2].map((n) => ({
      n,
      provider: 'openai',
      model: 'gpt-4o',
      credential: 'hash',
      outcome: n === 1 ? 'failed' : 'succeeded',
      errorKind: n === 1 ? 'overloaded' : null,
      usage: n === 1 ? tokenUsage() : { ...usage, estimated: true },
      costUsd: n === 1 ? '0.0000000000' : null,
      ...{ durationMs: 20, offsetMs: 0, firstContentMs: null, purpose: null, isAside: false },
    })),
    ...rest,
  };
}

describe('the usage ledger', () => {
  let ledger: LedgerDatabase;
  let store: LedgerStore;

  beforeAll(async () => {
    ledger = await LedgerDatabase.open();
    ({ store } = ledger);
  });

  const settle = (records: LedgerRecord[], instance = 'inst_1'): Promise<void> =>
    store.settle(
      records.map((each) => toFinalEntry(each, instance)),
      instance,
    );

  afterAll(async () => {
    await ledger.close();
  });

  it('gives back what was written, to the last decimal', async () => {
    const written = record();
    await settle([written]);
    const found = await store.find('proj_default', 'req_1');
    const { attempts, charges: _, ...request } = written;
    expect(found?.request).toMatchObject({ ...request, usage: { ...usage, estimated: false } });
    expect(found?.attempts).toMatchObject(attempts);
    expect(found && toRecordedRequestDto(found.request, found.attempts)).toMatchObject({
      id: 'req_1',
      cost_usd: 0.0075000001,
      started_at: '2026-01-02T03:04:05.678Z',
      usage: {
        input_tokens: 1_230,
        cached_input_tokens: 200,
        output_tokens: 540,
        total_tokens: 1_770,
        estimated: false,
      },
      attempts: [
        { n: 1, outcome: 'failed', error_kind: 'overloaded', cost_usd: 0 },
        { n: 2, outcome: 'succeeded', cost_usd: null, usage: { estimated: true } },
      ],
    });
  });

  it('writes a record once, however often it is tried, and a batch whole or not at all', async () => {
    const twice = record({ requestId: 'req_twice' });
    await settle([twice]);
    await settle([twice, record({ requestId: 'req_other' })]);
    expect((await store.find('proj_default', 'req_twice'))?.attempts).toHaveLength(2);
    await expect(
      settle([record({ requestId: 'req_half' }), record({ requestId: 'req_bad', projectId: 'proj_none' })]),
    ).rejects.toThrow('usage_request_project_id_fkey');
    expect(await store.find('proj_default', 'req_half')).toBeNull();
  });

  it('takes the attempts of a job that asked thousands of times', async () => {
    const [attempt] = record().attempts;
    if (!attempt) throw new Error('The record has no attempt.');
    const attempts = Array.from({ length: 4_000 }, (_, index) => ({ ...attempt, n: index + 1 }));
    await settle([record({ requestId: 'req_long', attempts })]);
    expect((await store.find('proj_default', 'req_long'))?.attempts).toHaveLength(4_000);
  });

  it('keeps projects apart, and finds the last request under an id that was used again', async () => {
    expect(await store.find('proj_other', 'req_1')).toBeNull();
    await settle([record({ startedAt: new Date('2027-01-01T00:00:00Z'), status: 'aborted', attempts: [] })]);
    expect(await store.find('proj_default', 'req_1')).toMatchObject({ request: { status: 'aborted' }, attempts: [] });
  });
});
