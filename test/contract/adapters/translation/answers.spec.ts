import { describe, expect, it } from '@jest/globals';
import type { ChatEvent } from '../../../../src/core/chat/chat-event.js';
import type { JsonObject } from '../../../../src/core/json.js';
import type { SseFrame } from '../../../../src/core/sse-frame.js';
import { fixture, testAttempt } from '../adapter-under-test.js';
import { ADAPTERS } from '../adapters.js';
import { listFixtures, readStreamAsIs } from '../read-wire.js';
import { RENDERERS } from './renderers.js';
import { comparableSaid, type Said, saidByEvents } from './said.js';

const FAILURE = /\.\d{3}\.json$/;
/** Readers are tried at every position already; here it matters what is rendered of pieces. */
const CUTS = 12;

interface Answer {
  readonly events: readonly ChatEvent[];
  /** Events of the same stream, read in pieces of several sizes. */
  readonly inPieces: () => Promise<readonly ChatEvent[][]>;
}

const ANSWERS = await readAnswers();

describe.each([...RENDERERS])('answers in $name', (renderer) => {
  it.each([...ANSWERS.keys()])('tell %s as it was said, streamed and whole', async (name) => {
    const { events } = ANSWERS.get(name) ?? { events: [] };
    const isRelayed = events.some(({ wire }) => wire?.dialect === renderer.name);
    const said = saidByEvents(events);
    const expected = comparableSaid({
      ...said,
      ...(isRelayed && { tokens: null }),
      ...(renderer.hasOnlyText && { thoughts: '', calls: [] }),
    });
    const body = renderer.whole(events);
    expect(comparableSaid(withTokensOf(renderer.readWhole(body), expected))).toEqual(expected);
    renderer.checkBody(body);
    const frames = readFrames(await drainFrames(renderer.stream(iterate(events))));
    for (const frame of frames) renderer.checkFrame(frame);
    expect(comparableSaid(withTokensOf(renderer.readStream(frames), expected))).toEqual(expected);
  });

  it('are the same frames wherever the bytes of a provider are cut', async () => {
    for (const [name, { events, inPieces }] of ANSWERS) {
      const whole = await drainFrames(renderer.stream(iterate(events)));
      for (const pieces of await inPieces()) {
        const frames = await drainFrames(renderer.stream(iterate(pieces)));
        expect([name, anonymous(frames)]).toEqual([name, anonymous(whole)]);
      }
    }
  });
});

async function readAnswers(): Promise<Map<string, Answer>> {
  const answers = new Map<string, Answer>();
  for (const { folders, createProtocol } of ADAPTERS) {
    for (const folder of folders) {
      const protocol = (): ReturnType<typeof createProtocol> =>
        createProtocol(testAttempt(), { finishReasonOptional: false });
      for (const name of listFixtures(folder, '.json')) {
        if (FAILURE.test(name) || name.startsWith('embed') || answers.has(`${folder}/${name}`)) continue;
        const events = attempted(() => protocol().readReply(JSON.parse(fixture(folder, name).toString())));
        if (events) answers.set(`${folder}/${name}`, { events, inPieces: () => Promise.resolve([]) });
      }
      for (const name of listFixtures(folder, '.sse')) {
        if (answers.has(`${folder}/${name}`)) continue;
        const bytes = fixture(folder, name);
        const read = (pieces: readonly Uint8Array[]): ReturnType<typeof readStreamAsIs> =>
          readStreamAsIs(protocol().createStreamReader(), pieces);
        const { events, error } = await read([bytes]);
        if (error !== null) continue;
        let inPieces: Promise<ChatEvent[][]> | undefined;
        answers.set(`${folder}/${name}`, {
          events,
          inPieces: () => (inPieces ??= Promise.all(cutsOf(bytes).map(async (pieces) => (await read(pieces)).events))),
        });
      }
    }
  }
  return answers;
}

function attempted<T>(read: () => T): T | null {
  try {
    return read();
  } catch {
    return null;
  }
}

function cutsOf(bytes: Buffer): Uint8Array[][] {
  const cuts = Array.from({ length: CUTS }, (_, index) => Math.floor((bytes.length * (index + 0.5)) / CUTS));
  return [
    ...cuts.map((cut) => [bytes.subarray(0, cut), bytes.subarray(cut)]),
    Array.from(bytes, (byte) => Uint8Array.of(byte)),
  ];
}

// Where nobody counted, a dialect may have to say zero; a provider's own count is told as it came, even a wrong one.
function withTokensOf(said: Said, expected: unknown): Said {
  return (expected as Said).tokens === null ? { ...said, tokens: null } : said;
}

function anonymous(frames: readonly SseFrame[]): string {
  return frames
    .map(({ data }) => data)
    .join('\n')
    .replaceAll(
      /(?:call|cmpl|chatcmpl|msg|rs|fc|ctc|toolu)[_-][0-9A-Za-z]{8,}|"(?:created|created_at|completed_at)":\d+/g,
      'made',
    );
}

function readFrames(frames: readonly SseFrame[]): JsonObject[] {
  return frames.filter(({ data }) => data !== '[DONE]').map(({ data }) => JSON.parse(data) as JsonObject);
}

async function drainFrames(frames: AsyncIterable<SseFrame>): Promise<SseFrame[]> {
  const drained: SseFrame[] = [];
  for await (const frame of frames) drained.push(frame);
  return drained;
}

async function* iterate(events: readonly ChatEvent[]): AsyncGenerator<ChatEvent> {
  await Promise.resolve();
  yield* events;
}
