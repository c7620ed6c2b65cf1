import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';

/** The lines of a file that hold something, one after the other. Throws when the file cannot be read. */
export async function* readLines(path: string): AsyncGenerator<string> {
  for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Infinity })) {
    if (line.trim() !== '') yield line;
  }
}

/** The objects of a JSON lines file. Throws, naming the line, at one that is no JSON. */
export async function* readJsonLines<Row>(path: string): AsyncGenerator<Partial<Row>> {
  let number = 0;
  for await (const line of readLines(path)) {
    number += 1;
    yield parse<Row>(line, `${path}:${String(number)}`);
  }
}

function parse<Row>(line: string, place: string): Partial<Row> {
  try {
    return JSON.parse(line) as Partial<Row>;
  } catch {
    throw new Error(`${place} is not JSON.`);
  }
}
