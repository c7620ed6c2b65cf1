import { lookup } from 'node:dns/promises';

/** Finds the addresses of a host name. */
export abstract class HostResolver {
  /** Every address of the name; rejects or is empty when there is none. */
  abstract resolve(hostname: string): Promise<readonly string[]>;
}

// A lookup holds one of the four threads that files and compression share for as long as a name server likes.
const MOST_AT_ONCE = 2;

/** As the operating system finds them: by its hosts file, then by its name servers. */
export class SystemHostResolver extends HostResolver {
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  async resolve(hostname: string): Promise<readonly string[]> {
    if (this.#running >= MOST_AT_ONCE) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#running += 1;
    try {
      const found = await lookup(hostname, { all: true, order: 'verbatim' });
      return found.map(({ address }) => address);
    } finally {
      // Whoever is next takes the place over.
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running -= 1;
    }
  }
}
