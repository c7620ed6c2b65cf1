import { describe, expect, it } from '@jest/globals';
import type { BudgetThreshold } from '../../core/domain-events.js';
import { toAnnouncement } from './domain-event-announcer.service.js';

const THRESHOLD: BudgetThreshold = {
  ...{ budgetId: 'bud_1', projectId: 'proj_1', keyId: null, window: 'day', periodStart: '2026-01-01T00:00:00.000Z' },
  ...{ percent: 80, amountUsd: '10.0000000000', spentUsd: '8.1000000000' },
};

describe('what webhooks are told of domain events', () => {
  it('names a budget that is nearly spent, once for each share of each window', () => {
    const announced = toAnnouncement({ type: 'budget.threshold_reached', ...THRESHOLD }, 0);
    expect(announced).toMatchObject({
      type: 'budget.threshold',
      data: { budget_id: 'bud_1', key_id: null, window: 'day', percent: 80, amount_usd: 10, spent_usd: 8.1 },
    });
    const again = toAnnouncement({ type: 'budget.threshold_reached', ...THRESHOLD, spentUsd: '8.2' }, 90_000);
    expect(again?.id).toBe(announced?.id);
    for (const other of [{ percent: 100 }, { periodStart: '2026-01-02T00:00:00.000Z' }, { budgetId: 'bud_2' }]) {
      const event = { type: 'budget.threshold_reached', ...THRESHOLD, ...other } as const;
      expect(toAnnouncement(event, 0)?.id).not.toBe(announced?.id);
    }
  });

  it('makes one event of what replicas notice of a provider within a minute', () => {
    const down = { type: 'provider.down', provider: 'openai', model: 'm' } as const;
    const first = toAnnouncement(down, 120_000);
    expect(first).toMatchObject({ type: 'provider.down', data: { provider: 'openai', model: 'm' } });
    expect(toAnnouncement(down, 179_999)?.id).toBe(first?.id);
    expect(toAnnouncement(down, 180_000)?.id).not.toBe(first?.id);
    expect(toAnnouncement({ ...down, type: 'provider.up' }, 120_000)?.id).not.toBe(first?.id);
  });

  it('tells nothing of alarms', () => {
    expect(
      toAnnouncement({ type: 'provider.alarm', provider: 'openai', model: null, reason: 'authentication' }, 0),
    ).toBeNull();
  });
});
