import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { describeBrokenStreams, type BrokenStream } from './broken-streams.js';
import { TEXT_SURFACES, EMBEDDINGS, STREAMS, WHOLE } from './surfaces.js';
import { FaultBench, useBench } from './fault-bench.js';
import type { FaultLane } from './fault-lane.js';
import { describeFaults, type Fault } from './fault-matrix.js';
import { describeHarmlessFaults, WHOLE_REPLY, type HarmlessFault } from './whole-answers.js';

const MEGABYTE = 1024 * 1024;
const GIGABYTE = 1024 * MEGABYTE;
/** The product's own caps: a whole answer, and one event of a stream. */
const ANSWER_CAP = 32 * MEGABYTE;
const COMMENTS = `: ${'x'.repeat(8_190)}\n`;
const REPLY = { pieces: ['One', ' two', ' three'] };

const TOO_LARGE = {
  failure: { status: 502, code: 'response_too_large' },
  kind: 'too-large',
  calls: { alone: 1, withSibling: null },
  breaker: 'spared',
  bill: 'prompt',
} as const;

// 16 MB of spaces are 16 KB when compressed; members one after the other are one gzip stream.
const MEMBER = gzipSync(Buffer.alloc(16 * MEGABYTE, ' '));
const BOMB = Buffer.concat(Array<Buffer>(64).fill(MEMBER));

const FAULTS: Fault[] = [
  {
    id: 'F17',
    name: 'JSON of a gigabyte',
    script: (fake) => {
      fake.flood('application/json', ' '.repeat(8_192), GIGABYTE).forever();
      return () => fake.waitForClose();
    },
    surfaces: [...WHOLE, EMBEDDINGS],
    ...TOO_LARGE,
  },
  {
    id: 'F17',
    name: 'a gigabyte of events without content',
    script: (fake) => {
      fake.flood('text/event-stream', COMMENTS, GIGABYTE).forever();
      return () => fake.waitForClose();
    },
    surfaces: STREAMS.slice(0, 1),
    ...TOO_LARGE,
  },
  {
    id: 'F17',
    name: 'a line of 64 MB before content',
    script: (fake) => {
      fake.floodAfter(0, 'x', 64 * MEGABYTE).forever();
      return () => fake.waitForClose();
    },
    surfaces: STREAMS,
    ...TOO_LARGE,
  },
  {
    id: 'F39',
    name: 'a megabyte of gzip that is a gigabyte',
    script: (fake) => {
      fake
        .behave({
          instead: ({ request, response }) => {
            const contentType = request.wantsStream ? 'text/event-stream' : 'application/json';
            response.writeHead(200, { 'content-type': contentType, 'content-encoding': 'gzip' }).end(BOMB);
          },
        })
        .forever();
    },
    failure: { status: 502, code: 'malformed_response' },
    kind: 'malformed',
    calls: { alone: 2, withSibling: 1 },
    breaker: 'counts',
    surfaces: [...TEXT_SURFACES, EMBEDDINGS],
  },
];

const BROKEN: BrokenStream[] = [
  {
    id: 'F17',
    name: 'a line of 64 MB after content',
    script: (fake) => fake.floodAfter(2, 'x', 64 * MEGABYTE, REPLY),
    kind: 'too-large',
    breaker: 'spared',
    isClosedByUs: true,
  },
  {
    id: 'F39',
    name: 'gzip that breaks after content',
    script: (fake) => fake.behave({ reply: REPLY, gzip: true, interruption: { after: 2, how: 'garbage' } }),
    kind: 'malformed',
  },
];

const HARMLESS: HarmlessFault[] = [
  { id: 'F39', name: 'gzip', script: (fake) => fake.gzip(WHOLE_REPLY), bill: 'reported', surfaces: TEXT_SURFACES },
];

describe('answers of enormous size', () => {
  const bench = new FaultBench();
  // More of them at once would have their floods wait for each other.
  useBench(bench, { lanes: 3, timers: { first_content_ms: 20_000, idle_ms: 20_000, body_ms: 20_000 } });

  describeFaults(bench, FAULTS);
  describeBrokenStreams(bench, BROKEN);
  describeHarmlessFaults(bench, HARMLESS);

  it.each([
    [
      'F17 JSON of a gigabyte',
      false,
      ({ openai }: FaultLane) => openai.flood('application/json', ' '.repeat(8_192), GIGABYTE),
    ],
    [
      'F17 a gigabyte of events',
      true,
      ({ openai }: FaultLane) => openai.flood('text/event-stream', COMMENTS, GIGABYTE),
    ],
    ['F17 a line of 64 MB', true, ({ openai }: FaultLane) => openai.floodAfter(0, 'x', 64 * MEGABYTE)],
  ])('%s costs less memory than twice the cap', async (_what, isStream, script) => {
    const [surface] = isStream ? STREAMS : WHOLE;
    // An ordinary answer loads what any call needs; one as large as this would leave room behind that hides the next one's.
    const { lane } = bench;
    lane.reset();
    if (!surface) throw new Error('There is no surface.');
    await lane.ask(surface, 'openai-alone');
    script(lane);
    const grownBytes = await peakGrowth(async () => {
      expect((await lane.ask(surface, 'openai-alone')).status).toBe(502);
    });
    expect(grownBytes).toBeLessThan(2 * ANSWER_CAP);
  });
});

/** By how many bytes the process was larger than before, at most, while `work` ran. */
async function peakGrowth(work: () => Promise<void>): Promise<number> {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  const before = process.memoryUsage.rss();
  let peak = before;
  const sampler = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage.rss());
  }, 5);
  try {
    await work();
  } finally {
    clearInterval(sampler);
  }
  return peak - before;
}
