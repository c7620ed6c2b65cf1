import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';

const CRLF = '\r\n';

/** How it behaves: answers; takes connections and says nothing; or refuses to write, as a replica or a full one does. */
type RedisMood = 'well' | 'silent' | 'readonly' | 'full';

const REFUSALS = {
  readonly: "-READONLY You can't write against a read only replica.",
  full: "-OOM command not allowed when used memory > 'maxmemory'.",
};

/** As much of Redis as a cache needs, on a socket of this machine, that does what it is told and counts. */
export class FakeRedis {
  mood: RedisMood = 'well';
  /** The commands that came since the start, by their names. */
  readonly commands: string[] = [];
  readonly values = new Map<string, Buffer>();
  #server: Server | null = null;
  #port = 0;
  readonly #sockets = new Set<Socket>();
  #unanswered: (() => void)[] = [];

  get url(): string {
    return `redis://127.0.0.1:${String(this.#port)}`;
  }

  /** Listens; after a stop on the same port as before. */
  async start(): Promise<void> {
    this.#server = createServer((socket) => {
      this.#serve(socket);
    });
    this.#server.listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  /** Breaks all connections and takes no more. */
  async stop(): Promise<void> {
    const server = this.#server;
    if (!server) return;
    this.#server = null;
    const closed = once(server, 'close');
    server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  /** Answers again, also what came while it was silent. */
  speak(): void {
    this.mood = 'well';
    for (const answer of this.#unanswered.splice(0)) answer();
  }

  /** How many commands of the name came. */
  count(name: string): number {
    return this.commands.filter((command) => command === name).length;
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    let pending = Buffer.alloc(0);
    socket.on('data', (data) => {
      pending = Buffer.concat([pending, data]);
      for (let read = readCommand(pending); read; read = readCommand(pending)) {
        pending = pending.subarray(read.length);
        const { words } = read;
        this.commands.push(String(words[0]).toUpperCase());
        const answer = (): void => {
          socket.write(this.#reply(words));
        };
        if (this.mood === 'silent') this.#unanswered.push(answer);
        else answer();
      }
    });
  }

  #reply([name, key, value]: Buffer[]): Buffer {
    const command = String(name).toUpperCase();
    if ((this.mood === 'readonly' || this.mood === 'full') && ['SET', 'EVAL', 'EVALSHA'].includes(command)) {
      return Buffer.from(REFUSALS[this.mood] + CRLF);
    }
    switch (command) {
      case 'HELLO':
        return Buffer.from(['%1', '$6', 'server', '$5', 'redis', ''].join(CRLF));
      case 'PING':
        return Buffer.from(`+PONG${CRLF}`);
      case 'GET':
        return bulk(this.values.get(String(key)));
      case 'SET':
        this.values.set(String(key), value ?? Buffer.alloc(0));
        return Buffer.from(`+OK${CRLF}`);
      case 'EVAL':
      case 'EVALSHA':
        return Buffer.from(`-ERR there are no scripts here${CRLF}`);
      default:
        return Buffer.from(`+OK${CRLF}`);
    }
  }
}

function bulk(value: Buffer | undefined): Buffer {
  if (!value) return Buffer.from(`$-1${CRLF}`);
  return Buffer.concat([Buffer.from(`$${String(value.length)}${CRLF}`), value, Buffer.from(CRLF)]);
}

/** The first command of the bytes; null while it is not whole. */
function readCommand(bytes: Buffer): { words: Buffer[]; length: number } | null {
  let at = 0;
  const readLine = (): string | null => {
    const end = bytes.indexOf(CRLF, at);
    if (end < 0) return null;
    const line = bytes.toString('latin1', at, end);
    at = end + CRLF.length;
    return line;
  };
  const head = readLine();
  if (head === null) return null;
  const words: Buffer[] = [];
  for (let count = Number(head.slice(1)); count > 0; count -= 1) {
    const line = readLine();
    if (line === null) return null;
    const length = Number(line.slice(1));
    if (bytes.length < at + length + CRLF.length) return null;
    words.push(bytes.subarray(at, at + length));
    at += length + CRLF.length;
  }
  return { words, length: at };
}
