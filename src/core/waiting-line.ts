/** What waits, one list for each project; projects take turns, and each one's own are first come, first served. */
export class WaitingLine<T> {
  readonly #size: number;
  /** In the order of their turns. */
  readonly #byProject = new Map<string, T[]>();
  #length = 0;

  constructor(size: number) {
    this.#size = size;
  }

  get length(): number {
    return this.#length;
  }

  /** Tells whether one more of the project would be let in. */
  hasRoomFor(project: string): boolean {
    return this.#length < this.#size || this.#crowderOf(project) !== null;
  }

  /**
   * Lets one in. When the queue is full the last one of the project with the most entries gives up its place, and is
   * returned, unless the newcomer's project would then have as many itself: in that case the newcomer is returned.
   */
  push(project: string, item: T): T | null {
    let displaced: T | null = null;
    if (this.#length >= this.#size) {
      const crowder = this.#crowderOf(project);
      if (crowder === null) return item;
      displaced = this.#byProject.get(crowder)?.at(-1) ?? null;
      if (displaced !== null) this.remove(crowder, displaced);
    }
    const items = this.#byProject.get(project);
    if (items) items.push(item);
    else this.#byProject.set(project, [item]);
    this.#length += 1;
    return displaced;
  }

  /** Whose turn it is. */
  peek(): T | null {
    for (const items of this.#byProject.values()) return items[0] ?? null;
    return null;
  }

  /** Takes out whose turn it is; the project's next one waits for the turns of all others. */
  shift(): T | null {
    for (const [project, items] of this.#byProject) {
      const item = items.shift() ?? null;
      this.#length -= 1;
      this.#byProject.delete(project);
      if (items.length > 0) this.#byProject.set(project, items);
      return item;
    }
    return null;
  }

  /** Takes one out of turn; does nothing when it is not there. */
  remove(project: string, item: T): void {
    const items = this.#byProject.get(project);
    const index = items?.indexOf(item) ?? -1;
    if (!items || index < 0) return;
    items.splice(index, 1);
    this.#length -= 1;
    if (items.length === 0) this.#byProject.delete(project);
  }

  *[Symbol.iterator](): Iterator<T> {
    for (const items of this.#byProject.values()) yield* items;
  }

  /** The next one of each project, in the order of their turns. */
  *heads(): Iterable<T> {
    for (const [first] of this.#byProject.values()) if (first !== undefined) yield first;
  }

  #crowderOf(project: string): string | null {
    const own = this.#byProject.get(project)?.length ?? 0;
    let most = own + 1;
    let crowder: string | null = null;
    for (const [name, items] of this.#byProject) {
      if (items.length <= most) continue;
      most = items.length;
      crowder = name;
    }
    return crowder;
  }
}
