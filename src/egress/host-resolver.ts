import { lookup } from 'node:dns/promises';
import { Injectable } from '@nestjs/common';
import { Cancellation } from '../core/cancellation.js';
import { Clock } from '../core/clock.js';
import { Places } from '../core/places.js';

/** Finds the addresses of a host name. */
export abstract class HostResolver {
  /** Every address of the name; rejects or is empty when there is none. */
  abstract resolve(hostname: string): Promise<readonly string[]>;
}

// A lookup holds one of the four threads that files and compression share for as long as a name server likes.
const MOST_AT_ONCE = 2;
// Whoever dials waits no longer: names that nobody wants any more must not hold up the others.
const MOST_WAIT_MS = 5_000;

/** As the operating system finds them: by its hosts file, then by its name servers. */
@Injectable()
export class SystemHostResolver extends HostResolver {
  readonly #places = new Places(MOST_AT_ONCE);

  constructor(private readonly clock: Clock) {
    super();
  }

  async resolve(hostname: string): Promise<readonly string[]> {
    const patience = new Cancellation();
    const cancel = this.clock.schedule(() => {
      patience.abort(new Error('Too many names are being looked up.'));
    }, MOST_WAIT_MS);
    await this.#places.take(patience).finally(cancel);
    try {
      const found = await lookup(hostname, { all: true, order: 'verbatim' });
      return found.map(({ address }) => address);
    } finally {
      this.#places.leave();
    }
  }
}
