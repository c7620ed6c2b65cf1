import { expect } from '@jest/globals';
import type { WireNoise } from '../../fakes/behaviour.js';
import type { Frame } from '../../fakes/frame.js';
import type { JsonObject } from '../../../src/core/json.js';
import { STREAMS } from './surfaces.js';
import type { FaultLane, VendorName } from './fault-lane.js';
import { type HarmlessFault, WHOLE_REPLY } from './whole-answers.js';

const STREAM = { bill: 'reported', surfaces: STREAMS } as const;

const NOISES: [string, WireNoise][] = [
  ['comments, unknown fields, unknown events', { chatter: true }],
  ['CRLF', { lineEnd: '\r\n' }],
  ['CR', { lineEnd: '\r' }],
  ['a byte order mark', { byteOrderMark: true }],
  ['data over several lines', { multiLineData: true }],
  ['every byte on its own', { chunkBytes: 1 }],
  ['all of it at once', { lineEnd: '\r\n', byteOrderMark: true, chatter: true, multiLineData: true, chunkBytes: 1 }],
];

/** Streams in which nothing is missing, however odd. */
export const ODD_STREAMS: readonly HarmlessFault[] = [
  {
    id: 'F27',
    name: 'no [DONE] behind finish and usage',
    script: (fake) => fake.noDone(WHOLE_REPLY),
    vendors: ['openai'],
    ...STREAM,
  },
  ...(['before', 'after'] as const).map((where): HarmlessFault => ({
    id: 'F28',
    name: `three unreadable events ${where} content`,
    script: async (fake) => {
      fake.malformedEvent(3, WHOLE_REPLY, where);
    },
    check: async (lane, _answer, row) => {
      const provider = lane.nameOf(row.provider);
      expect(await skippedEvents(lane, provider)).toBe(skipped.count(provider, 3));
    },
    ...STREAM,
  })),
  ...NOISES.map(([name, noise]): HarmlessFault => ({
    id: 'F29',
    name,
    script: (fake) => fake.noisy(noise, WHOLE_REPLY),
    ...STREAM,
  })),
  {
    id: 'F33',
    name: 'a usage that comes twice',
    script: (fake) => fake.editFrames((frames) => frames.flatMap(twiceWhenUsage), WHOLE_REPLY),
    ...STREAM,
  },
  {
    id: 'F33',
    name: 'a usage that grows with every chunk',
    script: (fake, vendor) => fake.editFrames((frames) => withGrowingUsage(frames, vendor), WHOLE_REPLY),
    ...STREAM,
  },
  {
    id: 'F34',
    name: 'content behind the finish',
    script: (fake) => fake.editFrames((frames) => insertBehind(frames, 'finish'), WHOLE_REPLY),
    vendors: ['openai', 'anthropic'],
    ...STREAM,
  },
  {
    id: 'F34',
    name: 'content behind the end',
    script: (fake) => fake.editFrames((frames) => insertBehind(frames, 'done'), WHOLE_REPLY),
    vendors: ['openai', 'anthropic'],
    ...STREAM,
  },
];

/** How many skipped events the metric should show by now: it only ever grows. */
const skipped = {
  counts: new Map<string, number>(),
  count(provider: string, more: number): number {
    const count = (this.counts.get(provider) ?? 0) + more;
    this.counts.set(provider, count);
    return count;
  },
};

async function skippedEvents(lane: FaultLane, provider: string): Promise<number> {
  const text = await (await lane.app.get('/metrics')).text();
  const line = text
    .split('\n')
    .find((one) => one.startsWith(`trunkline_stream_events_skipped_total{provider="${provider}"}`));
  return Number(line?.split(' ')[1] ?? 0);
}

function twiceWhenUsage(frame: Frame): Frame[] {
  return frame.data.includes('"usage":{') && frame.kind !== 'open' ? [frame, frame] : [frame];
}

// Cumulative counts on the way, each one too small; the last is the vendor's own and right.
function withGrowingUsage(frames: Frame[], vendor: VendorName): Frame[] {
  let output = 0;
  return frames.flatMap((frame) => {
    if (frame.kind !== 'content') return [frame];
    output += 1;
    if (vendor === 'openai') {
      const usage = { prompt_tokens: 20, completion_tokens: output, total_tokens: 20 + output };
      return [{ ...frame, data: JSON.stringify({ ...(JSON.parse(frame.data) as JsonObject), usage }) }];
    }
    const delta = { type: 'message_delta', delta: {}, usage: { output_tokens: output } };
    return [frame, { kind: 'other' as const, event: 'message_delta', data: JSON.stringify(delta) }];
  });
}

function insertBehind(frames: Frame[], kind: Frame['kind']): Frame[] {
  const content = frames.filter((frame) => frame.kind === 'content');
  const at = frames.findIndex((frame) => frame.kind === kind) + 1;
  return [...frames.slice(0, at), ...content, ...frames.slice(at)];
}
