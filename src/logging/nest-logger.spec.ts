import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import { setImmediate as turn } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import type { ServerConfig } from '../config/server-config.js';
import { Telemetry } from '../core/telemetry/telemetry.js';
import { NestLogger } from './nest-logger.js';
import { ProcessLog } from './process-log.js';
import { StandardOutput, type Written } from './standard-output.js';

type Line = Record<string, unknown>;

describe(NestLogger.name, () => {
  let text: string;
  let isBroken: boolean;
  let log: ProcessLog;
  let lost: number;

  beforeEach(() => {
    text = '';
    isBroken = false;
    lost = 0;
    jest.spyOn(StandardOutput.prototype, 'write').mockImplementation((lines: string, done: Written) => {
      if (!isBroken) text += lines;
      setImmediate(done, isBroken ? new Error('ENOSPC') : null);
    });
    const telemetry = new Telemetry();
    telemetry.logLinesDropped = ({ lines }) => {
      lost += lines;
    };
    log = new ProcessLog({ logLevel: 'info' } as ServerConfig, telemetry);
    Logger.overrideLogger(new NestLogger(log));
  });

  async function lines(): Promise<Line[]> {
    await log.flush(1_000);
    return text
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Line);
  }

  it('writes what anybody says as lines like those of requests: time, level, who speaks and what is said', async () => {
    const logger = new Logger('Jobs');
    logger.warn('The job queue has a problem.');
    logger.error('It failed.\nTwice.');
    logger.log('It works.');
    logger.debug('Nobody asked.');
    expect(await lines()).toEqual([
      { level: 'warn', time: expect.any(String), context: 'Jobs', msg: 'The job queue has a problem.' },
      { level: 'error', time: expect.any(String), context: 'Jobs', msg: 'It failed.\nTwice.' },
      { level: 'info', time: expect.any(String), context: 'Jobs', msg: 'It works.' },
    ]);
  });

  it('shows of an error its name, its code and its stack, and of other things nothing', async () => {
    const logger = new Logger('Caches');
    const error = Object.assign(new Error('no connection'), {
      code: 'ECONNREFUSED',
      query: 'select 1',
      parameters: [7],
    });
    logger.error('An answer could not be kept.', error);
    logger.error(error);
    logger.warn({ password: 'hunter2' });
    const [kept, alone, odd] = await lines();
    const facts = { error: 'Error', error_code: 'ECONNREFUSED', stack: error.stack, context: 'Caches' };
    expect(kept).toMatchObject({ ...facts, msg: 'An answer could not be kept.' });
    expect(alone).toMatchObject({ ...facts, msg: 'no connection' });
    expect(odd).toMatchObject({ msg: 'object' });
    expect(text).not.toMatch(/hunter2|select 1/);
  });

  it('keeps to itself what Nest tells of its own start', async () => {
    new Logger('RouterExplorer').log('Mapped {/v1/chat, POST} route');
    new Logger('RouterExplorer').error('Not mapped.');
    expect(await lines()).toEqual([expect.objectContaining({ msg: 'Not mapped.' })]);
  });

  it('X01 takes out keys and passwords, those of the configuration too, whoever says them', async () => {
    log.hideSecrets(['0123456789abcdef']);
    new Logger('Providers').warn('refused 0123456789abcdef and sk-proj-abcdefghijklmnop');
    new Logger('Database').error('Failed.', new Error('cannot connect to postgres://app:hunter2@db/x'));
    await lines();
    expect(text).toContain('refused [removed] and [removed]');
    expect(text).toContain('postgres://app:[removed]@db/x');
    expect(text).not.toMatch(/hunter2|abcdefghijklmnop|0123456789abcdef/);
  });

  it('O32 counts the lines that nobody took, and says so once when somebody does again', async () => {
    isBroken = true;
    const logger = new Logger('Jobs');
    for (let count = 0; count < 3; count += 1) logger.warn('Lost.');
    await log.flush(1_000);
    expect(lost).toBe(3);
    isBroken = false;
    logger.warn('Kept.');
    await log.flush(1_000);
    await turn();
    expect(await lines()).toEqual([
      expect.objectContaining({ msg: 'Kept.' }),
      expect.objectContaining({ level: 'warn', context: 'Log', lines: 3 }),
    ]);
  });
});
