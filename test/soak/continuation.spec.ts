import { describe, expect, it } from '@jest/globals';
import { AppError } from '../../src/core/errors/app-error.js';
import { catalogEntry } from '../support/catalog-entry.js';
import { readWireAnswer, STREAMED } from '../support/read-wire-answer.js';
import { seededRandom, soakSeed } from '../support/soak-seed.js';
import {
  type Asked,
  createWireWorld,
  FAMILIES,
  type WireReply,
  type WireTarget,
  type WireWorld,
} from '../support/wire-world.js';

const ROUNDS = 4_000;
const WORDS = [
  'bird',
  'flies',
  'über',
  '漢字',
  '😀',
  'kilometres',
  '11,000',
  '`code`',
  'x',
  '**bold**',
  'a',
  'und',
  'don’t',
];
const GAPS = [' ', ' ', ' ', ', ', '. ', '\n', '\n\n', '\n- ', '  ', '\t'];
const CATALOG = [catalogEntry({ model: 'prefilled', capabilities: { assistantPrefill: true } })];

const OTHER_WORDS = 'Quite another answer.';

const random = seededRandom(soakSeed());

function pick<T>(list: readonly T[]): T {
  return list[Math.floor(random() * list.length)] as T;
}

function textOf(words: number): string {
  return Array.from({ length: words }, () => pick(WORDS) + pick(GAPS)).join('') + pick(['', '.', '\n']);
}

/** The text in pieces of up to eight characters, cut inside of words as well. */
function split(text: string): string[] {
  const letters = Array.from(text);
  const pieces: string[] = [];
  while (letters.length > 0) pieces.push(letters.splice(0, 1 + Math.floor(random() * 8)).join(''));
  return pieces;
}

/** Says the text from where the conversation stops, in other words where it is told to begin anew, breaks, or refuses. */
function moody(text: string): WireTarget['answer'] {
  const [other, refuses, breaks] = [random() < 0.5, random() < 0.2, random() * 0.7];
  return ({ messages }: Asked): WireReply => {
    const beginning = messages.findLast(({ role }) => role === 'assistant')?.text ?? '';
    if (refuses && messages.at(-1)?.role === 'assistant') return { status: 400, message: 'No prefill here.' };
    if (random() < 0.1) return { status: pick([429, 500, 503]), message: 'Not now.' };
    const said = messages.length === 1 ? other : !text.startsWith(beginning);
    const rest = (said ? OTHER_WORDS : text).slice(beginning.length);
    const pieces = split(rest);
    if (random() >= breaks) return { reply: { pieces } };
    const frames = 1 + Math.floor(random() * (pieces.length + 4));
    return { reply: { pieces }, break: { frames, how: pick(['end', 'reset', 'stall'] as const) } };
  };
}

/** Whoever begins says the text. */
function world(text: string): WireWorld {
  const first: WireTarget['answer'] = (asked, count) => {
    if (count > 1) return moody(text)(asked, count);
    const pieces = split(text);
    return {
      reply: { pieces },
      break: { frames: 2 + Math.floor(random() * pieces.length), how: pick(['end', 'reset']) },
    };
  };
  const targets = [first, ...Array.from({ length: 1 + Math.floor(random() * 3) }, () => moody(text))];
  return createWireWorld(
    targets.map((answer) => ({ family: pick(FAMILIES), model: pick(['plain', 'prefilled']), answer })),
    { catalog: CATALOG },
  );
}

describe('R7 streams that break in every way', () => {
  it(`are whole or end in band, ${String(ROUNDS)} times`, async () => {
    let whole = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      const text = textOf(3 + Math.floor(random() * 30));
      const scene = world(text);
      const { text: read, error, isDone, call, ways } = await readWireAnswer(scene, STREAMED);
      const place = JSON.stringify({ round, text, read, ways });
      if (error) {
        if (!(error instanceof AppError)) throw error;
        expect([isDone, place]).toEqual([false, place]);
        if (!text.startsWith(read) && !OTHER_WORDS.startsWith(read)) throw new Error(`Not a beginning: ${place}`);
      } else {
        whole += 1;
        if (read !== text && read !== OTHER_WORDS) throw new Error(`Not the text: ${place}`);
        expect(isDone).toBe(true);
      }
      expect(scene.clock.pendingTimers).toBe(0);
      expect(call.attempts.every(({ outcome }) => outcome !== null)).toBe(true);
    }
    process.stdout.write(`${String(whole)} of ${String(ROUNDS)} were whole\n`);
    expect(whole).toBeGreaterThan(ROUNDS / 2);
  }, 600_000);
});
