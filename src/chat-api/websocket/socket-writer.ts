import type { Duplex } from 'node:stream';
import { WebSocket } from 'ws';
import type { Clock } from '../../core/clock.js';

/**
 * Writes text messages to one client, no faster than it reads: while it is behind nothing of it is read either, so that
 * nothing it sends can make us write more.
 */
export class SocketWriter {
  #drained: Promise<void> | null = null;

  /** `onStuck` is called when the client left what was written unread for `writeMs`. */
  constructor(
    private readonly client: WebSocket,
    private readonly connection: Duplex,
    private readonly clock: Clock,
    private readonly writeMs: number,
    private readonly onStuck: () => void,
  ) {}

  /** False when nothing can be written any more. */
  get isOpen(): boolean {
    return this.client.readyState === WebSocket.OPEN;
  }

  /** True while the client is behind. */
  get isWaiting(): boolean {
    return this.#drained !== null;
  }

  /** Sends messages; a promise when the client is slow, which resolves once it has caught up, left or been given up. */
  send(texts: readonly string[]): Promise<void> | undefined {
    if (!this.isOpen) return undefined;
    // One packet for what is there at once.
    this.connection.cork();
    for (const text of texts) this.client.send(text);
    this.connection.uncork();
    if (!this.connection.writableNeedDrain) return undefined;
    this.#drained ??= this.#untilDrained();
    return this.#drained;
  }

  #untilDrained(): Promise<void> {
    const { client, connection } = this;
    client.pause();
    return new Promise((resolve) => {
      const done = (): void => {
        cancel();
        connection.off('drain', done).off('close', done);
        this.#drained = null;
        client.resume();
        resolve();
      };
      const cancel = this.clock.schedule(() => {
        this.onStuck();
        done();
      }, this.writeMs);
      connection.once('drain', done).once('close', done);
    });
  }
}
