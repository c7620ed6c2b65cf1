import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { countChatTokens } from '../../../src/tokens/count-tokens.js';
import { seededRandom } from '../../support/soak-seed.js';
import { compareCounts } from './mixed-requests.js';
import { MoneyBench, type TestKey } from './money-bench.js';

const REQUESTS = 200;
const PIECES = [' one', ' two', ' three', ' four', ' five', ' six', ' seven', ' eight'];
const QUESTION = 'How far does the godwit fly?';
const bench = new MoneyBench();
let key: TestKey;

describe('money: token counts', () => {
  beforeAll(async () => {
    await bench.start();
    key = await bench.createKey({ budgets: [{ window: 'month', amount_usd: 1_000 }] });
  });

  beforeEach(() => {
    bench.reset();
  });

  afterAll(async () => {
    await bench.stop();
  });

  it(`${String(REQUESTS)} mixed requests: the ledger has the tokens that the provider reported, to the last one`, async () => {
    expect(await compareCounts(bench, key, REQUESTS, seededRandom(7))).toBeGreaterThan(REQUESTS * 0.9);
  });

  describe('a stream that its client leaves after some deltas', () => {
    const prompt = countChatTokens({
      model: 'money',
      messages: [{ role: 'user', content: [{ type: 'text', text: QUESTION }] }],
      stream: true,
    });

    it.each([1, 3, 7])('costs its prompt and %d deltas', async (deltas) => {
      bench.openAi.stallAfter(deltas, { pieces: PIECES });
      const leaving = new AbortController();
      const response = await bench.app.post(
        '/v1/chat/completions',
        { model: 'money', stream: true, messages: [{ role: 'user', content: QUESTION }] },
        { key: key.key, signal: leaving.signal },
      );
      await readUntil(response, PIECES[deltas - 1] ?? '');
      leaving.abort();
      const row = await rowOf(response.headers.get('x-request-id') ?? '');
      expect(row).toEqual({ status: 'aborted', estimated: true, input: prompt, output: deltas });
    });
  });

  async function readUntil(response: Response, text: string): Promise<void> {
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    let seen = '';
    while (!seen.includes(text)) {
      const result = await reader?.read();
      if (!result || result.done) throw new Error(`The stream ended before it said "${text}".`);
      seen += result.value;
    }
  }

  async function rowOf(requestId: string): Promise<object> {
    for (;;) {
      const rows = await bench.query<object>(
        `select status, estimated, input_tokens::int as input, output_tokens::int as output
         from usage_request where request_id = $1 and status <> 'open'`,
        [requestId],
      );
      if (rows[0]) return rows[0];
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
});
