import { expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { FakeClock } from '../../test/support/fake-clock.js';
import { Housekeeping } from '../core/housekeeping.js';
import { LiveInstances } from '../core/live-instances.js';
import type { DatabaseConnection } from './database-connection.js';
import { InstanceHeartbeatService } from './instance-heartbeat.service.js';

it('says with every beat how many processes are alive, and how many of them run jobs', async () => {
  const clock = new FakeClock();
  let alive = ['inst_1', 'inst_2', 'inst_3'];
  const query = (sql: string) =>
    Promise.resolve(sql.startsWith('select') ? alive.map((id) => ({ id, runs_jobs: id !== 'inst_1' })) : []);
  const instances = new LiveInstances();
  const service = new InstanceHeartbeatService(
    { query } as unknown as DataSource,
    { isOwner: false } as DatabaseConnection,
    clock,
    instances,
    new Housekeeping(clock, true),
  );
  expect(instances.count).toBe(1);
  await service.onModuleInit();
  expect([instances.count, instances.workers]).toEqual([3, 2]);
  alive = ['inst_1', 'inst_2'];
  await clock.advance(5_000);
  expect(instances.count).toBe(2);
  alive = [];
  await clock.advance(5_000);
  expect(instances.count).toBe(1);
  await service.beforeApplicationShutdown();
  expect(clock.pendingTimers).toBe(0);
});

it('O20 says once how far its clock is off that of the database', async () => {
  const warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
  const clock = new FakeClock();
  let behindMs = 3_600_000;
  const query = (sql: string) => Promise.resolve(sql.startsWith('insert') ? [{ at_ms: clock.now() - behindMs }] : []);
  const service = new InstanceHeartbeatService(
    { query } as unknown as DataSource,
    { isOwner: false } as DatabaseConnection,
    clock,
    new LiveInstances(),
    new Housekeeping(clock, true),
  );
  await service.onModuleInit();
  await clock.advance(5_000);
  expect([service.clockSkewMs, warn.mock.calls]).toEqual([3_600_000, [[expect.stringContaining('3600 s ahead')]]]);
  behindMs = 0;
  await clock.advance(5_000);
  behindMs = -3_600_000;
  await clock.advance(5_000);
  expect([service.clockSkewMs, warn.mock.calls.length]).toEqual([-3_600_000, 2]);
  await service.beforeApplicationShutdown();
  warn.mockRestore();
});
