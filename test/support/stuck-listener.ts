import { connect, type Socket } from 'node:net';
import { Worker } from 'node:worker_threads';

// It listens, says where, and never takes a connection, because its thread sleeps for ever.
const WORKER = `
const { parentPort } = require('node:worker_threads');
const server = require('node:net').createServer();
server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
  parentPort.postMessage(server.address().port);
  setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0));
});
`;
const ENOUGH_SOCKETS = 20;
const UNANSWERED_MS = 300;

/** A port whose queue of new connections is full: whoever connects is neither accepted nor refused. */
export class StuckListener {
  #worker: Worker | null = null;
  #port = 0;
  #sockets: Socket[] = [];

  get url(): string {
    return `http://127.0.0.1:${String(this.#port)}`;
  }

  async start(): Promise<void> {
    const worker = new Worker(WORKER, { eval: true });
    this.#worker = worker;
    this.#port = await new Promise<number>((resolve) => worker.once('message', resolve));
    // The queue is full once a connection is not made any more.
    for (let count = 0; count < ENOUGH_SOCKETS; count += 1) {
      if (!(await this.#isAccepted())) return;
    }
    throw new Error('The queue of the listener does not fill.');
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await this.#worker?.terminate();
  }

  #isAccepted(): Promise<boolean> {
    return new Promise((resolve) => {
      const socket = connect(this.#port, '127.0.0.1');
      this.#sockets.push(socket);
      socket.on('error', () => undefined);
      const timer = setTimeout(() => {
        resolve(false);
      }, UNANSWERED_MS);
      socket.once('connect', () => {
        clearTimeout(timer);
        resolve(true);
      });
    });
  }
}
