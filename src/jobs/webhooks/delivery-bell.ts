/** Tells this process that there is something to deliver, so that it need not wait until it looks next. */
export class DeliveryBell {
  #listener: () => void = () => undefined;

  /** The one who is to hear it. */
  answer(listener: () => void): void {
    this.#listener = listener;
  }

  ring(): void {
    this.#listener();
  }
}
