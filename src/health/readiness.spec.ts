import { beforeEach, describe, expect, it } from '@jest/globals';
import { TerminusModule } from '@nestjs/terminus';
import { Test, type TestingModule } from '@nestjs/testing';
import { ServerConfig } from '../config/server-config.js';
import { DrainState } from '../core/drain-state.js';
import { NeededDependencies } from '../core/needed-dependencies.js';
import { LiveInstances } from '../core/live-instances.js';
import { OptionalDependencies } from '../core/optional-dependencies.js';
import type { ProcessRole } from '../core/process-role.js';
import { DatabaseHealth } from '../database/database-health.js';
import { JobQueue } from '../jobs/job-queue.js';
import type { TargetHealth } from '../providers/model-info.js';
import { ProviderRegistry } from '../providers/provider-registry.js';
import { DependencyIndicators } from './dependency-indicators.js';
import { HealthController } from './health.controller.js';
import { NeededIndicators } from './needed-indicators.js';
import { OptionalIndicators } from './optional-indicators.js';
import { ReadinessService } from './readiness.service.js';

interface World {
  role: ProcessRole;
  database: () => Promise<void>;
  queue: () => Promise<boolean>;
  targets: Partial<TargetHealth>[];
}

const HEALTHY: Partial<TargetHealth> = { breaker: 'closed', coolDown: null };

describe('readiness', () => {
  let world: World;
  let drain: DrainState;
  let controller: HealthController;
  let module: TestingModule;

  beforeEach(async () => {
    world = { role: 'both', database: () => Promise.resolve(), queue: () => Promise.resolve(true), targets: [HEALTHY] };
    module = await Test.createTestingModule({
      imports: [TerminusModule.forRoot({ logger: false })],
      controllers: [HealthController],
      providers: [
        DrainState,
        DependencyIndicators,
        NeededDependencies,
        NeededIndicators,
        OptionalDependencies,
        OptionalIndicators,
        LiveInstances,
        {
          provide: ServerConfig,
          useValue: {
            get role() {
              return world.role;
            },
          },
        },
        ReadinessService,
        { provide: DatabaseHealth, useValue: { check: () => world.database() } },
        { provide: JobQueue, useValue: { isHealthy: () => world.queue() } },
        { provide: ProviderRegistry, useValue: { health: () => world.targets } },
      ],
    }).compile();
    module.useLogger(false);
    drain = module.get(DrainState);
    controller = module.get(HealthController);
  });

  async function probe(name: 'live' | 'ready' | 'startup'): Promise<{ code: number; body: string }> {
    let code = 200;
    const response = {
      status: (status: number) => {
        code = status;
      },
    };
    const body = name === 'live' ? await controller.live() : await controller[name](response as never);
    return { code, body: JSON.stringify(body) };
  }

  it('is ready when everything works', async () => {
    const { code, body } = await probe('ready');
    expect(code).toBe(200);
    expect(JSON.parse(body)).toMatchObject({
      status: 'ok',
      details: {
        server: { status: 'up' },
        database: { status: 'up' },
        queue: { status: 'up' },
        providers: { status: 'up' },
      },
    });
  });

  it.each<[string, (world: World) => void, string]>([
    [
      'the database',
      (broken) => (broken.database = () => Promise.reject(new Error('password=hunter2 at 10.0.0.1'))),
      'database',
    ],
    ['the queue', (broken) => (broken.queue = () => Promise.resolve(false)), 'queue'],
    ['a crashing queue', (broken) => (broken.queue = () => Promise.reject(new Error('secret'))), 'queue'],
  ])('is not ready without %s, and tells nobody why', async (_name, breakIt, name) => {
    breakIt(world);
    const { code, body } = await probe('ready');
    expect(code).toBe(503);
    expect(JSON.parse(body)).toMatchObject({ status: 'error', error: { [name]: { status: 'down' } } });
    expect(body).not.toMatch(/hunter2|10\.0\.0\.1|secret/);
  });

  it.each<[string, Partial<TargetHealth>, string]>([
    ['an open breaker', { breaker: 'open', coolDown: null }, 'degraded'],
    ['a probed breaker', { breaker: 'half-open', coolDown: null }, 'degraded'],
    [
      'a refused credential',
      { breaker: 'closed', coolDown: { reason: 'authentication', retryAfterMs: 1 } },
      'degraded',
    ],
    [
      'a pause that the provider asked for',
      { breaker: 'closed', coolDown: { reason: 'rate-limited', retryAfterMs: 1 } },
      'ok',
    ],
  ])('stays ready with %s: %s', async (_name, target, status) => {
    world.targets = [HEALTHY, target];
    const { code, body } = await probe('ready');
    expect(code).toBe(200);
    expect(JSON.parse(body)).toMatchObject({ status });
  });

  it.each<[boolean, string]>([
    [false, 'degraded'],
    [true, 'ok'],
  ])('stays ready whether what it can do without is there (%s) or not: %s', async (isUp, status) => {
    module.get(OptionalDependencies).add('redis', () => isUp);
    const { code, body } = await probe('ready');
    expect(code).toBe(200);
    expect(JSON.parse(body)).toMatchObject({ status, details: { redis: { status: isUp ? 'up' : 'degraded' } } });
  });

  it('O08 is not ready while what it needs on its own disk is away', async () => {
    let isUp = false;
    module.get(NeededDependencies).add('ledger-file', () => isUp);
    expect(await probe('ready')).toMatchObject({ code: 503, body: expect.stringContaining('ledger-file') });
    isUp = true;
    expect((await probe('ready')).code).toBe(200);
  });

  it('says what it is for, and as an api process that there is nobody to run jobs', async () => {
    world.role = 'api';
    const instances = module.get(LiveInstances);
    instances.set(2, 1);
    expect(JSON.parse((await probe('ready')).body)).toMatchObject({ status: 'ok', details: { role: {} } });
    instances.set(2, 0);
    const alone = await probe('ready');
    expect(alone.code).toBe(200);
    expect(JSON.parse(alone.body)).toMatchObject({ status: 'degraded', details: { workers: { status: 'degraded' } } });
    world.role = 'worker';
    expect(JSON.parse((await probe('ready')).body)).toMatchObject({ status: 'ok' });
  });

  it('is not ready while it drains, though it lives', async () => {
    await probe('ready');
    drain.begin();
    expect(await probe('ready')).toMatchObject({ code: 503, body: expect.stringContaining('draining') });
    expect((await probe('live')).code).toBe(200);
    expect((await probe('startup')).code).toBe(200);
  });

  it('has not started before it was ready for the first time', async () => {
    world.queue = () => Promise.resolve(false);
    expect((await probe('startup')).code).toBe(503);
    expect((await probe('live')).code).toBe(200);
  });

  it('makes probes that come together share one look at the database', async () => {
    let looks = 0;
    world.database = () => {
      looks += 1;
      return Promise.resolve();
    };
    await Promise.all(Array.from({ length: 20 }, () => probe('ready')));
    expect(looks).toBe(1);
  });
});
