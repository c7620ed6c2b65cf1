import { describe, expect, it } from '@jest/globals';
import { JobFailure } from './job.js';
import { JobInterruption } from './job-interruption.js';
import { StageLog } from './stage-log.js';

const quiet = (): void => undefined;

describe('StageLog', () => {
  it('counts an attempt once for each stage, and is done when everything is', async () => {
    const log = new StageLog([], quiet);
    for (let part = 1; part <= 3; part += 1) {
      await log.run('embedding', () => Promise.resolve());
      log.progress('embedding', part, 3);
    }
    expect(log.current).toBe('embedding');
    expect(log.list()).toEqual([{ name: 'embedding', status: 'done', attempts: 1, done: 3, total: 3, error: null }]);
  });

  it('keeps what earlier attempts left until the stage is done', async () => {
    const first = new StageLog([], quiet);
    const failure = new JobFailure('bad', 'It was bad.');
    await expect(first.run('chunking', () => Promise.reject(failure))).rejects.toBe(failure);
    const second = new StageLog(first.list(), quiet);
    await second.run('chunking', () => Promise.resolve());
    const error = { code: 'bad', message: 'It was bad.' };
    expect(second.list()).toMatchObject([{ name: 'chunking', status: 'running', attempts: 2, error }]);
    second.progress('chunking', 1, 1);
    expect(second.list()).toMatchObject([{ status: 'done', attempts: 2, error: null }]);
  });

  it('blames the innermost stage alone, with a message that is safe to show', async () => {
    const log = new StageLog([], quiet);
    const run = log.run('embedding', () => log.run('storing', () => Promise.reject(new Error('secret'))));
    await expect(run).rejects.toThrow('secret');
    expect(log.list()).toMatchObject([
      { name: 'embedding', status: 'running', error: null },
      { name: 'storing', status: 'failed', error: { code: 'internal_error' } },
    ]);
    expect(JSON.stringify(log.list())).not.toContain('secret');
  });

  it('says of the first of several parts why the stage failed, and of an interruption nothing', async () => {
    const log = new StageLog([], quiet);
    for (const error of [new JobInterruption('cancelled'), new JobFailure('a', 'A'), new JobFailure('b', 'B')]) {
      await expect(log.run('storing', () => Promise.reject(error))).rejects.toBe(error);
    }
    expect(log.list()).toMatchObject([{ status: 'failed', error: { code: 'a' } }]);
  });
});
