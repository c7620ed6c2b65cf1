import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Clock } from '../core/clock.js';
import { AppError } from '../core/errors/app-error.js';

const BOUND_MS = 1_000;

/** Tells probes whether the database answers. */
@Injectable()
export class DatabaseHealth {
  constructor(
    private readonly dataSource: DataSource,
    private readonly clock: Clock,
  ) {}

  /** Resolves when the database answered within a second; rejects with `dependency_unavailable` otherwise. */
  async check(): Promise<void> {
    const late = new AbortController();
    const timeout = this.clock.sleep(BOUND_MS, late.signal).then(() => {
      throw new AppError('dependency_unavailable', 'The database did not answer within a second.');
    });
    // Whichever comes second is nobody's concern any more.
    timeout.catch(() => undefined);
    const answer: Promise<unknown> = this.dataSource.query('select 1');
    answer.catch(() => undefined);
    try {
      await Promise.race([answer, timeout]);
    } catch (error) {
      if (error instanceof AppError) throw error;
      throw new AppError('dependency_unavailable', 'The database is not available.', { cause: error });
    } finally {
      late.abort(new Error('The database answered.'));
    }
  }
}
