/** What this process can do without for a while: health shows it as degraded while it is away. */
export class OptionalDependencies {
  readonly #checks = new Map<string, () => boolean>();

  /** `isUp` answers at once, from what is known. */
  add(name: string, isUp: () => boolean): void {
    this.#checks.set(name, isUp);
  }

  /** Every one by its name, and whether it works. */
  states(): readonly (readonly [string, boolean])[] {
    return [...this.#checks].map(([name, isUp]) => [name, isUp()] as const);
  }
}
