/*
 * The embedded database: PostgreSQL compiled to WebAssembly, in a thread of its own, behind a Unix socket that speaks
 * PostgreSQL's protocol. This file runs compiled and as it is (Node strips the types), so it imports only packages.
 *
 * Underneath there is one session for all connections. Three things make them look like sessions of their own:
 * - a connection's messages run as one piece up to their Sync, because two connections share the unnamed statement
 *   (the package's own socket server interleaves them, and binds one query's values to another's text);
 * - an open transaction keeps the session for its connection, and is rolled back when that connection goes away;
 * - the `search_path` that a connection asked for at its start is in force whenever its messages run.
 */
import { unlinkSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';
import { PGlite } from '@electric-sql/pglite';
import { pg_trgm } from '@electric-sql/pglite/contrib/pg_trgm';
import { vector } from '@electric-sql/pglite-pgvector';

interface Settings {
  dataDirectory: string;
  socketPath: string;
  idleTransactionMs: number;
}

interface Batch {
  connection: Connection;
  messages: Buffer;
  /** Whether the batch ends with something that closes the implicit transaction. */
  complete: boolean;
}

const PROTOCOL_3 = 3;
const CANCEL_REQUEST = 80877102;
const DEFAULT_SEARCH_PATH = '"$user", public';
const SYNC_MESSAGE = Buffer.from([0x53, 0, 0, 0, 4]);
const TYPE_QUERY = 0x51;
const TYPE_SYNC = 0x53;
const TYPE_FLUSH = 0x48;
const TYPE_TERMINATE = 0x58;

/** The session and who may use it next. */
class Session {
  readonly #database: PGlite;
  readonly #greeting: Buffer;
  readonly #idleTransactionMs: number;
  readonly #connections = new Set<Connection>();
  #queue: Batch[] = [];
  #holder: Connection | null = null;
  #searchPath = DEFAULT_SEARCH_PATH;
  #work: Promise<void> | null = null;
  #idleTimer: NodeJS.Timeout | undefined;
  #isOver = false;

  constructor(database: PGlite, greeting: Buffer, idleTransactionMs: number) {
    this.#database = database;
    this.#greeting = greeting;
    this.#idleTransactionMs = idleTransactionMs;
  }

  accept(socket: Socket): void {
    this.#connections.add(new Connection(socket, this));
  }

  greet(connection: Connection): void {
    connection.socket.write(this.#greeting);
  }

  enqueue(batch: Batch): void {
    this.#queue.push(batch);
    this.#start();
  }

  leave(connection: Connection): void {
    this.#connections.delete(connection);
    this.#queue = this.#queue.filter((batch) => batch.connection !== connection);
    this.#start();
  }

  async close(): Promise<void> {
    // A socket says that it is closed only later, when there may be no database left to roll back in.
    this.#isOver = true;
    this.#queue = [];
    clearTimeout(this.#idleTimer);
    for (const connection of this.#connections) connection.socket.destroy();
    await this.#work;
    if (this.#holder) await this.#abandonTransaction();
    await this.#database.exec('CHECKPOINT');
    await this.#database.close();
  }

  #start(): void {
    if (this.#isOver) return;
    this.#work ??= this.#run().finally(() => {
      this.#work = null;
      // Something may have arrived between the last look at the queue and now.
      if (this.#hasWork()) this.#start();
    });
  }

  #hasWork(): boolean {
    const holder = this.#holder;
    if (!holder) return this.#queue.length > 0;
    return holder.isClosed || this.#queue.some((batch) => batch.connection === holder);
  }

  async #run(): Promise<void> {
    clearTimeout(this.#idleTimer);
    for (;;) {
      if (this.#holder?.isClosed) await this.#abandonTransaction();
      const batch = this.#isOver ? undefined : this.#next();
      if (!batch) break;
      await this.#execute(batch);
    }
    const holder = this.#holder;
    if (holder && !this.#isOver) {
      this.#idleTimer = setTimeout(() => {
        holder.fail('25P03', 'The transaction was idle for too long: it keeps every other connection waiting.');
      }, this.#idleTransactionMs);
    }
  }

  #next(): Batch | undefined {
    const holder = this.#holder;
    if (!holder) return this.#queue.shift();
    const index = this.#queue.findIndex((batch) => batch.connection === holder);
    return index === -1 ? undefined : this.#queue.splice(index, 1)[0];
  }

  async #execute({ connection, messages, complete }: Batch): Promise<void> {
    const { socket } = connection;
    if (!this.#holder && connection.searchPath !== this.#searchPath) {
      await this.#database.query(`select set_config('search_path', $1, false)`, [connection.searchPath]);
      this.#searchPath = connection.searchPath;
    }
    socket.cork();
    await this.#database.execProtocolRawStream(messages, {
      onRawData: (data) => {
        if (socket.writable) socket.write(Buffer.from(data));
      },
    });
    socket.uncork();
    this.#holder = !complete || this.#database.isInTransaction() ? connection : null;
  }

  async #abandonTransaction(): Promise<void> {
    this.#holder = null;
    await this.#database.execProtocolRawStream(SYNC_MESSAGE, { onRawData: () => undefined });
    await this.#database.exec('ROLLBACK');
  }
}

/** One client: cuts what it sends into batches that may run as one piece. */
class Connection {
  readonly socket: Socket;
  readonly #session: Session;
  searchPath = DEFAULT_SEARCH_PATH;
  isClosed = false;
  #isStarted = false;
  #chunks: Buffer[] = [];
  #length = 0;
  #needed = 0;
  #batch: Buffer[] = [];

  constructor(socket: Socket, session: Session) {
    this.socket = socket;
    this.#session = session;
    socket.on('data', (data) => {
      this.#receive(data);
    });
    socket.on('error', () => {
      socket.destroy();
    });
    socket.on('close', () => {
      this.isClosed = true;
      session.leave(this);
    });
  }

  /** Ends the connection with an error that its client can read. */
  fail(code: string, message: string): void {
    const fields = Buffer.from(`SFATAL\0VFATAL\0C${code}\0M${message}\0\0`);
    const head = Buffer.alloc(5);
    head.write('E');
    head.writeInt32BE(fields.length + 4, 1);
    this.socket.end(Buffer.concat([head, fields]));
    this.socket.destroySoon();
  }

  #receive(data: Buffer): void {
    this.#chunks.push(data);
    this.#length += data.length;
    // Joined only when a whole message is there: a large one arrives in hundreds of chunks.
    if (this.#length < this.#needed) return;
    let rest = Buffer.concat(this.#chunks);
    for (;;) {
      const size = messageLength(rest, this.#isStarted);
      this.#needed = size;
      if (rest.length < size) break;
      this.#take(rest.subarray(0, size));
      rest = rest.subarray(size);
    }
    this.#chunks = [rest];
    this.#length = rest.length;
  }

  #take(message: Buffer): void {
    if (!this.#isStarted) {
      this.#takeStartup(message);
      return;
    }
    const type = message[0];
    if (type === TYPE_TERMINATE) {
      this.socket.end();
      return;
    }
    this.#batch.push(message);
    if (type !== TYPE_QUERY && type !== TYPE_SYNC && type !== TYPE_FLUSH) return;
    const messages = Buffer.concat(this.#batch);
    this.#batch = [];
    this.#session.enqueue({ connection: this, messages, complete: type !== TYPE_FLUSH });
  }

  #takeStartup(message: Buffer): void {
    const code = message.readInt32BE(4);
    if (code === CANCEL_REQUEST) {
      this.socket.end();
    } else if (code >>> 16 === PROTOCOL_3) {
      this.#isStarted = true;
      this.searchPath = readSearchPath(message) ?? DEFAULT_SEARCH_PATH;
      this.#session.greet(this);
    } else {
      // A wish for encryption: there is none on a Unix socket.
      this.socket.write('N');
    }
  }
}

/** The length of the message that `data` begins with; one byte more than there is while its head is incomplete. */
function messageLength(data: Buffer, isStarted: boolean): number {
  if (isStarted) return data.length < 5 ? data.length + 1 : 1 + data.readInt32BE(1);
  return data.length < 8 ? data.length + 1 : data.readInt32BE(0);
}

/** What `options=-c search_path=...` of a startup message says. */
function readSearchPath(message: Buffer): string | undefined {
  const fields = message.toString('utf8', 8).split('\0');
  for (let index = 0; index + 1 < fields.length; index += 2) {
    if (fields[index] !== 'options') continue;
    const found = /-c\s*search_path=((?:\\.|[^\s\\])+)/.exec(fields[index + 1] ?? '');
    if (found?.[1]) return found[1].replaceAll(/\\(.)/g, '$1');
  }
  return undefined;
}

/** What a server answers to a startup message; the same for every connection, so it is asked for once. */
async function readGreeting(database: PGlite): Promise<Buffer> {
  const parameters = Buffer.from('user\0postgres\0database\0postgres\0\0');
  const message = Buffer.alloc(8 + parameters.length);
  message.writeInt32BE(message.length, 0);
  message.writeInt32BE(PROTOCOL_3 << 16, 4);
  parameters.copy(message, 8);
  const chunks: Buffer[] = [];
  await database.execProtocolRawStream(message, {
    onRawData: (data) => {
      chunks.push(Buffer.from(data));
    },
  });
  return Buffer.concat(chunks);
}

async function serve({ dataDirectory, socketPath, idleTransactionMs }: Settings): Promise<void> {
  const database = await PGlite.create({ dataDir: dataDirectory, extensions: { vector, pg_trgm } });
  const session = new Session(database, await readGreeting(database), idleTransactionMs);
  const server = createServer((socket) => {
    session.accept(socket);
  });
  try {
    unlinkSync(socketPath);
  } catch {
    // Usually there is none: only a thread that died leaves its socket behind.
  }
  server.listen(socketPath, () => parentPort?.postMessage('ready'));
  parentPort?.once('message', () => {
    server.close();
    void session.close().then(() => {
      parentPort?.close();
    });
  });
}

await serve(workerData as Settings);
