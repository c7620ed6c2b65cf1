import { describe, expect, it } from '@jest/globals';
import { catalogEntry } from '../../support/catalog-entry.js';
import { readWireAnswer, type WireAnswer } from '../../support/read-wire-answer.js';
import {
  type Asked,
  type Break,
  createWireWorld,
  FAMILIES,
  type Family,
  type WireReply,
  type WireTarget,
  type WireWorld,
} from '../../support/wire-world.js';

const PIECES = [
  ...['The', ' quick ', 'brown\n', '\nfox', ' jumps', ' over ', ' the', ' lazy', ' dog,', ' 漢', '字', ' and', ' 😀'],
  ...['\n- one', '\n- two\n', '- ', 'three', '. ', 'Papa', ' papa', 'ya', '.'],
];
const WHOLE = PIECES.join('');
const MODELS: Record<Family, string> = {
  openai: 'gpt-wire',
  anthropic: 'claude-haiku-4-5',
  gemini: 'gemini-3-flash',
  'openai-compatible': 'llama',
};
/** Of the four, only this one takes the beginning of its answer. */
const CATALOG = [catalogEntry({ model: MODELS.anthropic, capabilities: { assistantPrefill: true } })];
const PAIRS = FAMILIES.flatMap((first) => FAMILIES.map((second) => [first, second] as const));

const OTHER_WORDS = 'Or in other words: the fox.';

/** Says the whole text, from the beginning or from where the last answer stops. */
function goingOn({ messages }: Asked): WireReply {
  const [beginning = ''] = messages.filter(({ role }) => role === 'assistant').map(({ text }) => text);
  expect(WHOLE.startsWith(beginning)).toBe(true);
  return { reply: { text: WHOLE.slice(beginning.length) } };
}

/** As `goingOn`, but whoever begins anew says something else. */
function inOtherWords(asked: Asked): WireReply {
  return asked.messages.length > 1 ? goingOn(asked) : { reply: { text: OTHER_WORDS } };
}

const NEVER: Break = { frames: -1, how: 'end' };

function breaking(broken: Break): WireTarget['answer'] {
  return (_asked, count) =>
    count === 1 ? { reply: { pieces: PIECES }, break: broken } : { reply: { pieces: PIECES } };
}

function worldOf(
  pair: readonly [Family, Family],
  broken: Break,
  answer: WireTarget['answer'],
  onStreamFailure: 'error' | 'continue' = 'continue',
): WireWorld {
  const [first, second] = pair;
  const targets = [
    { family: first, model: MODELS[first], answer: breaking(broken) },
    { family: second, model: MODELS[second], answer },
  ];
  return createWireWorld(targets, { catalog: CATALOG, onStreamFailure });
}

/** One whole answer as the client sees it, whoever wrote it. */
function expectOneAnswer({ chunks, text, isDone, error }: WireAnswer, expected = WHOLE): void {
  expect(error).toBeNull();
  expect(text).toBe(expected);
  expect(isDone).toBe(true);
  expect(new Set(chunks.map(({ id }) => id)).size).toBe(1);
  expect(new Set(chunks.map(({ model }) => model)).size).toBe(1);
  const choices = chunks.flatMap((chunk) => chunk.choices);
  expect(choices.filter(({ delta }) => delta.role !== undefined)).toHaveLength(1);
  expect(choices.map(({ finish_reason: reason }) => reason).filter((reason) => reason !== null)).toEqual(['stop']);
  expect(choices.at(-1)?.finish_reason).toBe('stop');
  expect(chunks.filter(({ usage }) => usage).length).toBeLessThanOrEqual(1);
}

async function framesOf(family: Family): Promise<number> {
  const world = worldOf([family, family], NEVER, goingOn);
  expectOneAnswer(await readWireAnswer(world));
  return world.providers[0]?.frameCount ?? 0;
}

describe.each(PAIRS)('a stream of %s that %s goes on with', (first, second) => {
  const prefilled = second === 'anthropic';

  it.each([
    ['says the same again', goingOn, prefilled ? 'prefill' : 'restart'],
    ['says it otherwise', inOtherWords, prefilled ? 'prefill' : 'instruction'],
  ])('is whole wherever it is cut, when the second %s', async (_name, answer, way) => {
    const frames = await framesOf(first);
    const ways: unknown[] = [];
    for (let after = 0; after < frames; after += 1) {
      const world = worldOf([first, second], { frames: after, how: after % 2 === 0 ? 'end' : 'reset' }, answer);
      const outcome = await readWireAnswer(world);
      ways.push(...outcome.ways);
      // Before content it is an ordinary failover.
      expectOneAnswer(outcome, outcome.ways.length === 0 && outcome.text === OTHER_WORDS ? OTHER_WORDS : WHOLE);
      if (outcome.ways.length > 0)
        expect(outcome.chunks.at(-1)?.usage).toMatchObject({ prompt_tokens: expect.any(Number) });
    }
    expect(new Set(ways)).toEqual(new Set([way]));
    expect(ways.length).toBeGreaterThanOrEqual(PIECES.length - 1);
  });

  it('is whole where it stalls', async () => {
    const frames = await framesOf(first);
    for (let after = 10; after < frames; after += 10) {
      const world = worldOf([first, second], { frames: after, how: 'stall' }, inOtherWords);
      const outcome = await readWireAnswer(world);
      expectOneAnswer(outcome);
      expect(outcome.call.attempts[0]).toMatchObject({ outcome: 'failed', errorKind: 'timeout' });
      expect(outcome.ways).toHaveLength(1);
      expect(world.clock.pendingTimers).toBe(0);
    }
  });
});

describe.each(FAMILIES)('a stream of %s of a model that does not go on', (family) => {
  it('ends in band wherever it is cut, and nobody else is asked', async () => {
    const frames = await framesOf(family);
    for (let after = 0; after < frames; after += 1) {
      const world = worldOf([family, 'openai'], { frames: after, how: 'reset' }, goingOn, 'error');
      const { text, error, chunks, isDone } = await readWireAnswer(world);
      expect(WHOLE.startsWith(text)).toBe(true);
      if (text === WHOLE || after < 2) continue;
      expect(error).toMatchObject({ code: 'upstream_stream_interrupted' });
      expect(isDone).toBe(false);
      expect(chunks.flatMap(({ choices }) => choices).every((choice) => choice.finish_reason === null)).toBe(true);
      expect(world.providers[1]?.asked).toHaveLength(0);
    }
  });
});
