/** Whether the server takes new work; it never takes any again once it began to drain. */
export class DrainState {
  #draining = false;

  get isDraining(): boolean {
    return this.#draining;
  }

  /** From now on readiness is refused, so that no new requests are routed here while open ones finish. */
  begin(): void {
    this.#draining = true;
  }
}
