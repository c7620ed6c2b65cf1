import { beforeEach, describe, expect, it } from '@jest/globals';
import { AnswerRoom } from './answer-room.js';
import { AnswerTape } from './answer-tape.js';
import type { KeptAnswer } from './seal-answer.js';

const LIMIT = 100;
const HEAD = { status: 200, headers: [['content-type', 'text/plain']] } as const;

let room: AnswerRoom;
let stored: KeptAnswer[];
let released: string[];

beforeEach(() => {
  room = new AnswerRoom({ answerLimitBytes: LIMIT, storageLimitBytes: 0, keptSeconds: 0 });
  stored = [];
  released = [];
});

function newTape(): AnswerTape {
  return new AnswerTape(room, {
    store: (answer) => Promise.resolve(void stored.push(answer)),
    release: (reason) => Promise.resolve(void released.push(reason)),
  });
}

/** How many tapes of the largest size fit into what is left. */
function roomLeft(): number {
  let tapes = 0;
  while (room.take(LIMIT)) tapes += 1;
  room.give(tapes * LIMIT);
  return tapes;
}

const bytes = (text: string): Buffer => Buffer.from(text);

it('keeps an answer that ended well', async () => {
  const tape = newTape();
  expect(tape.head(HEAD)).toBeNull();
  expect([tape.add(bytes('one ')), tape.add(bytes('two'))]).toEqual([true, true]);
  await tape.end(true);
  await tape.end(true);
  expect(stored).toEqual([{ head: HEAD, body: bytes('one two') }]);
  expect([released, roomLeft()]).toEqual([[], 16]);
});

describe('gives the key back', () => {
  it.each([199, 300, 400, 500])('at once for an answer with status %d', async (status) => {
    const tape = newTape();
    await tape.head({ status, headers: [] });
    expect(released).toEqual(['error']);
    tape.add(bytes('{}'));
    await tape.end(true);
    expect([stored, released, roomLeft()]).toEqual([[], ['error'], 16]);
  });

  it.each<[string, boolean, boolean]>([
    ['was cut', false, false],
    ['failed after its head', true, true],
  ])('when the answer %s', async (_name, isWhole, hasFailed) => {
    const tape = newTape();
    void tape.head(HEAD);
    tape.add(bytes('half'));
    if (hasFailed) tape.fail();
    await tape.end(isWhole);
    expect([stored, released, roomLeft()]).toEqual([[], ['error'], 16]);
  });

  it('when the answer is too large', async () => {
    const tape = newTape();
    void tape.head(HEAD);
    expect([tape.add(Buffer.alloc(LIMIT)), tape.add(bytes('x')), tape.add(bytes('y'))]).toEqual([true, false, false]);
    await tape.end(true);
    expect([stored, released, roomLeft()]).toEqual([[], ['too_large'], 16]);
  });

  it('when too many are kept at once', async () => {
    const tapes = Array.from({ length: 17 }, newTape);
    expect(tapes.filter((tape) => tape.add(Buffer.alloc(LIMIT)))).toHaveLength(16);
    await Promise.all(tapes.map((tape) => tape.end(false)));
    expect([released.filter((reason) => reason === 'too_large').length, roomLeft()]).toEqual([1, 16]);
  });
});
