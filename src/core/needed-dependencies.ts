/** What this process cannot work without, beyond the database: health shows it as down while it is away. */
export class NeededDependencies {
  readonly #checks = new Map<string, () => boolean>();

  /** `isUp` answers at once. */
  add(name: string, isUp: () => boolean): void {
    this.#checks.set(name, isUp);
  }

  /** Every one by its name, and whether it works. */
  states(): readonly (readonly [string, boolean])[] {
    return [...this.#checks].map(([name, isUp]) => [name, isUp()] as const);
  }
}
