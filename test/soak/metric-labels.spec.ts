import { describe, expect, it } from '@jest/globals';
import { sendJunk, seriesOf } from '../support/junk-requests.js';
import { startTestApp } from '../support/test-app.js';

const JUNK = 20_000;

describe('the series of /metrics', () => {
  it('do not grow by what twenty thousand requests think up (X03)', async () => {
    const app = await startTestApp();
    const metrics = async (): Promise<string[]> => seriesOf(await (await app.get('/metrics')).text());
    await sendJunk(app, 10);
    const known = new Set(await metrics());
    expect(await sendJunk(app, JUNK)).toBe(JUNK);
    const grown = (await metrics()).filter((series) => !known.has(series));
    process.stdout.write(`${String(known.size)} series, ${String(grown.length)} more after ${String(JUNK)} requests\n`);
    expect(grown.length <= 50 ? [] : grown).toEqual([]);
    await app.close();
  }, 600_000);
});
