import { crc32, deflateRawSync } from 'node:zlib';

/** An entry of an archive, and what it is to say falsely about itself. */
export interface ZipEntry {
  name: string;
  content: string | Buffer;
  /** Bytes it says it unpacks to. */
  claimedSize?: number;
  /** Offset it says it lies at. */
  claimedOffset?: number;
}

const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;

/** An archive, deflated; its central directory says what the entries claim. */
export function makeZip(entries: readonly ZipEntry[]): Buffer {
  const locals: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const entry of entries) {
    const content = Buffer.from(entry.content as string);
    const packed = deflateRawSync(content, { level: 9 });
    const facts = { crc: crc32(content), packed: packed.length, size: entry.claimedSize ?? content.length };
    const name = Buffer.from(entry.name);
    const local = Buffer.concat([header(LOCAL, 30, facts, name.length), name, packed]);
    const central = header(CENTRAL, 46, facts, name.length);
    central.writeUInt32LE(entry.claimedOffset ?? offset, 42);
    directory.push(central, name);
    locals.push(local);
    offset += local.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(END, 0);
  end.writeUInt16LE(Math.min(entries.length, 0xffff), 8);
  end.writeUInt16LE(Math.min(entries.length, 0xffff), 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, central, end]);
}

/** The header of an entry, at its content or in the directory, where two bytes for the version come first. */
function header(
  signature: number,
  length: 30 | 46,
  facts: { crc: number; packed: number; size: number },
  nameLength: number,
): Buffer {
  const shift = length === 46 ? 2 : 0;
  const bytes = Buffer.alloc(length);
  bytes.writeUInt32LE(signature, 0);
  if (shift > 0) bytes.writeUInt16LE(20, 4);
  bytes.writeUInt16LE(20, 4 + shift);
  bytes.writeUInt16LE(8, 8 + shift);
  bytes.writeUInt32LE(facts.crc, 14 + shift);
  bytes.writeUInt32LE(facts.packed, 18 + shift);
  bytes.writeUInt32LE(facts.size, 22 + shift);
  bytes.writeUInt16LE(nameLength, 26 + shift);
  return bytes;
}
