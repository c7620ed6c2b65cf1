/** Why a handler's signal fired. */
export class JobInterruption extends Error {
  override readonly name = 'JobInterruption';

  constructor(readonly reason: 'cancelled' | 'taken-over' | 'shutting-down') {
    super(`The job is ${reason.replace('-', ' ')}.`);
  }
}
