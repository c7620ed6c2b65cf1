import { describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { FakeClock } from '../../test/support/fake-clock.js';
import type { GatewayConfig } from '../config/gateway-config.js';
import type { ProviderRegistry } from '../providers/provider-registry.js';
import { ProviderResetsService } from './provider-resets.service.js';

Logger.overrideLogger(false);

const AUTHOR = { keyId: 'key_1', reason: null };

/** The table, whose reader may be held up on the way back. */
function setUp() {
  const clock = new FakeClock();
  const performed: string[] = [];
  const table = new Map<string, number>();
  let delayMs = 0;
  const query = async (sql: string, [provider = '']: string[] = []) => {
    if (sql.startsWith('insert')) table.set(provider, (table.get(provider) ?? 0) + 1);
    const rows = [...table].map(([name, revision]) => ({
      provider: name,
      revision: String(revision),
      at: new Date(0),
    }));
    if (sql.startsWith('insert')) return rows.filter((row) => row.provider === provider);
    if (delayMs > 0) await clock.sleep(delayMs);
    return rows;
  };
  const service = new ProviderResetsService(
    { query } as unknown as DataSource,
    { reset: (provider: string) => performed.push(provider) } as unknown as ProviderRegistry,
    { providers: [{ name: 'a' }, { name: 'b' }] } as unknown as GatewayConfig,
    clock,
  );
  const holdUp = (ms: number) => (delayMs = ms);
  return { clock, performed, table, service, holdUp };
}

describe('ProviderResetsService', () => {
  it('performs what another process asked for once, and nothing from before its start', async () => {
    const { clock, performed, table, service } = setUp();
    table.set('a', 7);
    await service.onModuleInit();
    await clock.advance(4_000);
    expect(performed).toEqual([]);
    table.set('a', 8);
    await clock.advance(8_000);
    expect(performed).toEqual(['a']);
  });

  it('does not take what it asked for itself for new because a look at the table came back late', async () => {
    const { clock, performed, table, service, holdUp } = setUp();
    table.set('a', 1);
    await service.onModuleInit();
    holdUp(1_500);
    await clock.advance(2_500);
    await service.reset('a', AUTHOR);
    expect(performed).toEqual(['a']);
    await clock.advance(10_000);
    expect(performed).toEqual(['a']);
  });

  it('looks no more once the process ends, also when a look is under way', async () => {
    const { clock, service, holdUp } = setUp();
    await service.onModuleInit();
    holdUp(1_500);
    await clock.advance(2_500);
    service.beforeApplicationShutdown();
    await clock.advance(10_000);
    expect(clock.pendingTimers).toBe(0);
  });

  it('refuses a provider that there is not', async () => {
    await expect(setUp().service.reset('nobody', AUTHOR)).rejects.toMatchObject({ code: 'not_found' });
  });
});
