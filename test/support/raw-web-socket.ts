import { connect, type Socket } from 'node:net';

const HANDSHAKE = [
  'GET /v1/chat/ws HTTP/1.1',
  'Host: a',
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
];
const CLOSE = 8;

export interface FrameShape {
  opcode?: number;
  /** Whether it is the last piece of its message. */
  fin?: boolean;
  /** The bit that compressed messages have. */
  rsv1?: boolean;
  /** The length in the head, when it is another than that of the payload. */
  announced?: number;
}

/** The lines of an upgrade, with further ones. */
export function handshake(...headers: string[]): string {
  return `${[...HANDSHAKE, ...headers].join('\r\n')}\r\n\r\n`;
}

/** A client's frame, masked with zeros. */
export function rawFrame(payload: string | Uint8Array, shape: FrameShape = {}): Buffer {
  const { opcode = 1, fin = true, rsv1 = false, announced } = shape;
  const bytes = Buffer.from(payload);
  const length = announced ?? bytes.length;
  const first = (fin ? 0x80 : 0) | (rsv1 ? 0x40 : 0) | opcode;
  return Buffer.concat([Buffer.from([first]), lengthBytes(length), Buffer.alloc(4), bytes]);
}

function lengthBytes(length: number): Buffer {
  if (length < 126) return Buffer.from([0x80 | length]);
  if (length < 65_536) {
    const short = Buffer.from([0x80 | 126, 0, 0]);
    short.writeUInt16BE(length, 1);
    return short;
  }
  const long = Buffer.alloc(9);
  long[0] = 0x80 | 127;
  long.writeBigUInt64BE(BigInt(length), 1);
  return long;
}

/** A WebSocket whose bytes a test writes itself. */
export class RawWebSocket {
  #received = Buffer.alloc(0);
  #position = 0;
  readonly #texts: string[] = [];
  #wake: () => void = () => undefined;
  /** The code of the server's close frame; null when the connection ended without one. */
  closeCode: number | null = null;
  /** The head of the server's answer. */
  head = '';
  isEnded = false;

  constructor(
    readonly socket: Socket,
    first: string | Uint8Array,
  ) {
    socket.on('connect', () => socket.write(first));
    socket.on('data', (chunk: Buffer) => {
      this.#read(chunk);
      this.#wake();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.isEnded = true;
      this.#wake();
    });
  }

  /** Connects and sends what it is given, which begins with the upgrade. */
  static connect(url: string, first: string | Uint8Array): RawWebSocket {
    return new RawWebSocket(connect(Number(new URL(url).port), '127.0.0.1'), first);
  }

  /** Resolves once the upgrade was answered. */
  async opened(): Promise<this> {
    await this.#until(() => this.head !== '' || this.isEnded);
    return this;
  }

  /** The text message with this number. */
  async text(index: number): Promise<string> {
    await this.#until(() => this.#texts.length > index || this.isEnded);
    return this.#texts[index] ?? '';
  }

  /** The code that the server closes with. */
  async closed(): Promise<number | null> {
    await this.#until(() => this.closeCode !== null || this.isEnded);
    this.socket.destroy();
    return this.closeCode;
  }

  write(bytes: Uint8Array): boolean {
    return this.socket.write(bytes);
  }

  async #until(holds: () => boolean): Promise<void> {
    while (!holds()) await new Promise<void>((resolve) => (this.#wake = resolve));
  }

  #read(chunk: Buffer): void {
    this.#received = Buffer.concat([this.#received.subarray(this.#position), chunk]);
    this.#position = 0;
    if (this.head === '') {
      const end = this.#received.indexOf('\r\n\r\n');
      if (end < 0) return;
      this.head = this.#received.toString('latin1', 0, end);
      this.#position = end + 4;
    }
    while (this.#readFrame());
  }

  #readFrame(): boolean {
    const bytes = this.#received.subarray(this.#position);
    if (bytes.length < 2) return false;
    const short = (bytes[1] ?? 0) & 0x7f;
    const headLength = short < 126 ? 2 : short === 126 ? 4 : 10;
    if (bytes.length < headLength) return false;
    const length =
      headLength === 2 ? short : bytes.readUIntBE(2 + Math.max(0, headLength - 8), Math.min(6, headLength - 2));
    if (bytes.length < headLength + length) return false;
    const payload = bytes.subarray(headLength, headLength + length);
    const opcode = (bytes[0] ?? 0) & 0x0f;
    if (opcode === 1) this.#texts.push(payload.toString());
    if (opcode === CLOSE) this.closeCode = payload.length < 2 ? 1005 : payload.readUInt16BE(0);
    this.#position += headLength + length;
    return true;
  }
}
