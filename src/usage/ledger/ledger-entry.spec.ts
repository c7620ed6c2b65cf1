import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ledgerOpening, ledgerRecord } from '../../../test/support/ledger-parts.js';
import { tokenUsage } from '../../core/chat/token-usage.js';
import { fromItems, parseLine, toFinalEntry, toLine, toOpeningEntry } from './ledger-entry.js';
import { toAbandonedEntry } from './to-abandoned.js';

const HOLD = { budgetId: 'bud_1', periodStart: '2026-01-01T00:00:00.000Z', reservedUsd: '0.5' };

describe('an entry of the ledger', () => {
  it('says what its record says, whatever that is called', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('', '"', '\\', '\u2028', 'a\nb', 'models/x@1'),
    );
    fc.assert(
      fc.property(text, fc.array(text), fc.option(text), fc.nat(), (model, tags, errorCode, tokens) => {
        const usage = tokenUsage({ input: tokens, reasoning: 3, audioOutput: tokens, estimated: true });
        const record = ledgerRecord('a', { requestedModel: model, tags, errorCode, usage, model, provider: null });
        const entry = parseLine(toLine(toFinalEntry(record, 'inst_A')));
        expect(entry).toMatchObject({ id: 'a', isOpening: false });
        const [row = {}] = fromItems(entry?.request ?? '');
        expect(row).toEqual({
          ...{ id: 'a', instance_id: 'inst_A', request_id: 'req_a', project_id: 'proj_default', key_id: 'key_1' },
          ...{ surface: 'openai', operation: 'chat', requested_model: model, model, status: 'succeeded', tags },
          ...(errorCode === null ? {} : { error_code: errorCode }),
          ...(tokens === 0 ? {} : { input_tokens: tokens, audio_output_tokens: tokens }),
          ...{ reasoning_tokens: 3, estimated: true, cost_usd: record.costUsd, duration_ms: 40 },
          started_at: '2026-01-02T03:04:05.678Z',
        });
        expect(fromItems(entry?.attempts ?? '')).toMatchObject([
          { usage_request_id: 'a', n: 1, error_kind: 'overloaded', cost_usd: '0' },
          { usage_request_id: 'a', n: 2, credential: 'hash', reasoning_tokens: 3, estimated: true, duration_ms: 30 },
        ]);
      }),
    );
  });

  it('is nothing when a crash tore its line, wherever', () => {
    const line = toLine(toOpeningEntry(ledgerOpening('a', { holds: [HOLD] }), 'inst_A')).trimEnd();
    for (let length = 0; length < line.length; length += 1) expect(parseLine(line.slice(0, length))).toBeNull();
    expect(parseLine(line)).toMatchObject({ id: 'a', isOpening: true });
    for (const other of ['[]', '{}', '{"request":{}}', '{"request":{"id":"a"},"attempts":{},"charges":[]}']) {
      expect(parseLine(other)).toBeNull();
    }
  });
});

describe('an abandoned request', () => {
  it('costs what was reserved for it at most, else its prompt, else nobody knows', () => {
    const holds = [HOLD, { ...HOLD, budgetId: 'bud_2', reservedUsd: '10.0000000000' }];
    const costOf = (entry: ReturnType<typeof toAbandonedEntry>): unknown => fromItems(entry.attempts)[0]?.cost_usd;
    const reserved = toAbandonedEntry(toOpeningEntry(ledgerOpening('a', { holds }), 'inst_A'), () => '1');
    expect(costOf(reserved)).toBe('10.0000000000');
    expect(fromItems(reserved.charges)).toMatchObject([{ spent_usd: '0.5' }, { spent_usd: '10.0000000000' }]);
    const free = toOpeningEntry(ledgerOpening('a'), 'inst_A');
    expect(costOf(toAbandonedEntry(free, (provider, model, input) => [provider, model, input].join()))).toBe(
      'openai,gpt-4o,40',
    );
    const unpriced = toAbandonedEntry(free, () => null);
    expect(costOf(unpriced)).toBeNull();
    expect(fromItems(unpriced.request)[0]).toMatchObject({ status: 'abandoned', estimated: true, cost_usd: null });
  });
});
