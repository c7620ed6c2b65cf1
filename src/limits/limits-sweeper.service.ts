import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Housekeeping } from '../core/housekeeping.js';
import { INSTANCE_DEAD_AFTER_SECONDS } from '../database/instance-heartbeat.service.js';

const SWEEP_EVERY_MS = 60_000;

/** Rows that nothing counts in any more. They are passed over while somebody uses them, so that nobody waits for anybody. */
const SWEEPS: readonly (readonly [sql: string, parameters: unknown[]])[] = [
  [
    `delete from limit_counter where meter in (
       select meter from limit_counter where minute < floor(extract(epoch from now()) / 60) - 1 for update skip locked)`,
    [],
  ],
  [
    `delete from limit_seat where (meter, instance_id) in (
       select seat.meter, seat.instance_id from limit_seat seat
       where not exists (
         select from instance where instance.id = seat.instance_id
           and instance.heartbeat_at > now() - make_interval(secs => $1))
       for update skip locked)`,
    [INSTANCE_DEAD_AFTER_SECONDS],
  ],
  [
    `delete from limit_throttle where name in (
       select name from limit_throttle where ends_at < now() for update skip locked)`,
    [],
  ],
];

/** Keeps the tables of limits small: once a minute it deletes what is over and what dead processes left. */
@Injectable()
export class LimitsSweeper {
  constructor(
    private readonly dataSource: DataSource,
    housekeeping: Housekeeping,
  ) {
    housekeeping.add({
      everyMs: SWEEP_EVERY_MS,
      run: () => this.sweep(),
      complaint: 'Old limits could not be deleted',
    });
  }

  /** Deletes what is over now. */
  async sweep(): Promise<void> {
    for (const [sql, parameters] of SWEEPS) await this.dataSource.query(sql, parameters);
  }
}
