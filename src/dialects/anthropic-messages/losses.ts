const MOST_NAMED = 50;
const LONGEST_NAME = 64;

/** Gathers the names of what the canonical request cannot carry, each once; a body may hold very many. */
export class Losses {
  readonly #names = new Set<string>();

  add(name: string): void {
    this.#names.add(name.slice(0, LONGEST_NAME));
  }

  /** Undefined when everything is carried. */
  list(): string[] | undefined {
    if (this.#names.size === 0) return undefined;
    const names = [...this.#names];
    if (names.length <= MOST_NAMED) return names;
    return [...names.slice(0, MOST_NAMED), `and ${String(names.length - MOST_NAMED)} more`];
  }
}
