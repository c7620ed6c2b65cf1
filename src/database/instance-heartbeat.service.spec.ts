import { expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { FakeClock } from '../../test/support/fake-clock.js';
import { LiveInstances } from '../core/live-instances.js';
import type { DatabaseConnection } from './database-connection.js';
import { InstanceHeartbeatService } from './instance-heartbeat.service.js';

it('says with every beat how many processes are alive', async () => {
  const clock = new FakeClock();
  let alive = ['inst_1', 'inst_2', 'inst_3'];
  const query = (sql: string) => Promise.resolve(sql.startsWith('select') ? alive.map((id) => ({ id })) : []);
  const instances = new LiveInstances();
  const service = new InstanceHeartbeatService(
    { query } as unknown as DataSource,
    { isOwner: false } as DatabaseConnection,
    clock,
    instances,
  );
  expect(instances.count).toBe(1);
  await service.onModuleInit();
  expect(instances.count).toBe(3);
  alive = ['inst_1', 'inst_2'];
  await clock.advance(5_000);
  expect(instances.count).toBe(2);
  alive = [];
  await clock.advance(5_000);
  expect(instances.count).toBe(1);
  await service.beforeApplicationShutdown();
  expect(clock.pendingTimers).toBe(0);
});
