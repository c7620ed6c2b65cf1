import { beforeEach, describe, expect, it } from '@jest/globals';
import { setImmediate as turn } from 'node:timers/promises';
import { BoundedLines } from './bounded-lines.js';
import type { Written } from './standard-output.js';

/** A sink that is asked to write, and says when it is done with that. */
class Reader {
  readonly taken: string[] = [];
  #done: Written | null = null;

  write(text: string, done: Written): void {
    expect(this.#done).toBeNull();
    this.taken.push(text);
    this.#done = done;
  }

  get isBusy(): boolean {
    return this.#done !== null;
  }

  finish(error: Error | null = null): void {
    const done = this.#done;
    this.#done = null;
    done?.(error);
  }

  async finishAll(error: Error | null = null): Promise<void> {
    await turn();
    while (this.isBusy) this.finish(error);
  }
}

const FULL = 2 * 1024 * 1024;
const KILOBYTE = `${'x'.repeat(1_023)}\n`;

describe(`O32 ${BoundedLines.name}`, () => {
  let reader: Reader;
  let lines: BoundedLines;
  let lost: number;
  let recovered: number[];

  beforeEach(() => {
    reader = new Reader();
    lost = 0;
    recovered = [];
    lines = new BoundedLines(reader, {
      lost: (count) => (lost += count),
      recovered: (count) => recovered.push(count),
    });
  });

  it('writes what one turn of the event loop says in one piece, in order', async () => {
    for (const line of ['a\n', 'b\n', 'c\n']) lines.write(line);
    expect(reader.taken).toEqual([]);
    await reader.finishAll();
    lines.write('d\n');
    await reader.finishAll();
    expect(reader.taken).toEqual(['a\nb\nc\n', 'd\n']);
  });

  it('never writes more at once than a pipe keeps together, but for one line that is longer', async () => {
    const written = [...Array.from({ length: 9 }, () => KILOBYTE), `${'y'.repeat(9_000)}\n`, 'z\n'];
    for (const line of written) lines.write(line);
    await reader.finishAll();
    expect(reader.taken.join('')).toBe(written.join(''));
    expect(reader.taken.map(({ length }) => length)).toEqual([4_096, 4_096, 1_024, 9_001, 2]);
  });

  it('asks the sink for one thing at a time, and keeps two megabytes for one that is stuck', async () => {
    for (let count = 0; count < 10_000; count += 1) lines.write(KILOBYTE);
    await turn();
    expect(reader.taken).toHaveLength(1);
    expect(lost).toBe(10_000 - FULL / 1_024);
    expect(recovered).toEqual([]);
    await reader.finishAll();
    expect(reader.taken.join('')).toHaveLength(FULL);
    expect(recovered).toEqual([lost]);
    lines.write('again\n');
    await reader.finishAll();
    expect(reader.taken.at(-1)).toBe('again\n');
    expect(recovered).toHaveLength(1);
  });

  it('has room again for as much as was taken', async () => {
    for (let count = 0; count < 2_048; count += 1) lines.write(KILOBYTE);
    await turn();
    lines.write(KILOBYTE);
    expect(lost).toBe(1);
    reader.finish();
    for (let count = 0; count < 5; count += 1) lines.write(KILOBYTE);
    expect(lost).toBe(2);
  });

  it('counts the lines that a broken sink did not take, and tells once it takes some again', async () => {
    for (let count = 0; count < 3; count += 1) lines.write('lost\n');
    await reader.finishAll(new Error('ENOSPC'));
    lines.write('lost, too\n');
    await reader.finishAll(new Error('ENOSPC'));
    expect(lost).toBe(4);
    lines.write('kept\n');
    await reader.finishAll();
    expect(recovered).toEqual([4]);
  });

  it('is flushed when all is out, at once when nothing waits, and gives up on a reader that is stuck', async () => {
    await lines.flush(60_000);
    lines.write('a\n');
    const flushed = lines.flush(60_000);
    await reader.finishAll();
    await flushed;
    lines.write('b\n');
    await lines.flush(1);
    expect(reader.isBusy).toBe(true);
  });
});
