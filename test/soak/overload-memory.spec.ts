import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { chatBody, type Outcome, OverloadBench } from '../support/overload-bench.js';

const STREAMS = 200;
const BODIES = 8;
const UPLOADS = 8;
const BODY_BYTES = 12_000_000;
const PIECES = Array.from({ length: 20 }, (_, index) => ` word-${String(index)}`);

describe('O31 a process with little memory', () => {
  const bench = new OverloadBench();

  beforeAll(() => bench.open({}, { nodeOptions: '--max-old-space-size=256' }));

  afterAll(() => bench.close());

  it('sheds large bodies and uploads while streams go on, and takes them again', async () => {
    bench.provider.reply({ pieces: PIECES, eventDelayMs: 50 }).forever();
    const large = chatBody('x'.repeat(BODY_BYTES));
    const form = (): FormData => {
      const data = new FormData();
      data.set('purpose', 'user_data');
      data.set('file', new Blob(['y'.repeat(BODY_BYTES)]), 'notes.txt');
      return data;
    };
    const streams = Array.from({ length: STREAMS }, () =>
      bench.send('/v1/chat/completions', chatBody('Hi', { stream: true })),
    );
    const heads = await Promise.all(streams);
    const heavy = [
      ...Array.from({ length: BODIES }, () => bench.ask('/v1/chat/completions', large)),
      ...Array.from({ length: UPLOADS }, () => bench.ask('/v1/files', form())),
    ];
    const outcomes = await Promise.all(heavy);
    for (const response of heads) {
      expect(response.status).toBe(200);
      expect(await response.text()).toContain('[DONE]');
    }
    expect(new Set(outcomes.map(({ status }) => status))).toEqual(new Set([200, 503]));
    const refused = outcomes.filter(({ status }) => status === 503);
    expect(refused.filter(({ code, saysWhen }: Outcome) => code !== 'overloaded' || !saysWhen)).toEqual([]);
    expect(await bench.metric('trunkline_admission_body_bytes')).toBe(0);
    expect(await bench.ask('/v1/chat/completions', large)).toMatchObject({ status: 200 });
  });
});
