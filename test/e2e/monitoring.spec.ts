import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import { tokenUsage } from '../../src/core/chat/token-usage.js';
import { Telemetry } from '../../src/core/telemetry/telemetry.js';
import { FakeOpenAi } from '../fakes/fake-openai.js';
import { panelQueries, type Query, readDashboard, readRules, withoutComparisons } from '../support/monitoring-files.js';
import { hasPrometheus, PrometheusServer, promtool, type Sample } from '../support/prometheus-server.js';
import { sendJunk, seriesOf } from '../support/junk-requests.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

const CHECKED = hasPrometheus();
if (!CHECKED) process.stderr.write('Prometheus is not installed: the queries are not asked of one.\n');
const JUNK = 300;
const START_MS = 60_000;
const TARGET = { provider: 'openai', model: 'gpt-5.4-mini' };

const openAi = new FakeOpenAi();
let app: TestApp;

beforeAll(async () => {
  await openAi.start();
  app = await startTestApp({
    gateway: {
      providers: {
        openai: { type: 'openai', base_url: openAi.url, api_keys: ['sk-fake'], limits: { concurrency: 100 } },
        lab: { type: 'openai-compatible', base_url: openAi.url, api_keys: ['sk-lab'] },
      },
      models: { smart: { targets: ['openai/gpt-5.4-mini', 'lab/llama'] } },
    },
  });
}, START_MS);

afterAll(async () => {
  await app.close();
  await openAi.stop();
});

async function chat(model: string, options: { key?: string | null; stream?: boolean } = {}): Promise<number> {
  const body = {
    model,
    stream: options.stream ?? false,
    messages: [{ role: 'user', content: 'How many legs has a crane fly?' }],
  };
  const answer = await app.post('/v1/chat/completions', body, { key: options.key });
  await answer.text();
  return answer.status;
}

/** One of everything that requests can make happen in an instant. */
async function makeTraffic(): Promise<void> {
  const made = await app.post('/v1/index', {
    source: 'legs',
    content: `Crane flies have six legs. ${String(performance.now())}`,
  });
  const { job_id: job } = (await made.json()) as { job_id: string };
  openAi.failWith(500);
  await chat('smart');
  await Promise.all([
    chat('smart'),
    chat('smart', { stream: true }),
    chat('smart', { key: 'tl_wrong' }),
    chat('nothing'),
  ]);
  expect(await app.waitForJob(job)).toMatchObject({ status: 'succeeded' });
  await app.request('POST', '/v1/chat/completions', { text: '{' });
}

/** What takes long to provoke: told as the features tell it. */
function tellTheRest(): void {
  const telemetry = app.nest.get(Telemetry);
  telemetry.hedgeFinished({ ...TARGET, outcome: 'won' });
  telemetry.hedgeRefused({ ...TARGET, reason: 'share' });
  telemetry.streamContinued({ way: 'prefill' });
  telemetry.breakerChanged({ ...TARGET, state: 'closed' });
  telemetry.answerShared(TARGET);
  telemetry.toolFinished({ kind: 'http', outcome: 'succeeded', seconds: 0.1 });
  telemetry.toolLoopFinished({ end: 'answered', steps: 2 });
  telemetry.structuredChecked({ feature: 'chat', outcome: 'valid' });
  telemetry.socketOpened();
  telemetry.socketClosed({ code: 1000 });
  telemetry.deliveryTried({ outcome: 'delivered', seconds: 0.1 });
  telemetry.deliveryTried({ outcome: 'failed', seconds: 0.1 });
  telemetry.admissionRefused({ reason: 'full' });
  telemetry.admissionWaited({ seconds: 0.1 });
  telemetry.traceSpansDropped({ reason: 'queue_full', count: 1 });
  telemetry.requestAnswered({ ...TARGET, seconds: 1 });
  telemetry.requestFinished({
    method: 'POST',
    route: '/v1/chat/completions',
    status: 503,
    surface: 'openai',
    durationSeconds: 1,
  });
  telemetry.requestStarted();
  telemetry.jobEnded({ kind: 'index', outcome: 'failed', seconds: 1 });
  telemetry.requestCosted({ surface: 'openai', costUsd: 0.01 });
  telemetry.usageSettled({ ...TARGET, usage: tokenUsage({ input: 3, units: { image: 1 } }), costUsd: '0.01' });
}

async function addBatch(): Promise<void> {
  await app.nest.get(DataSource).query(
    `insert into batch (id, project_id, endpoint, completion_window, status, expires_at, finished_at)
     values ('batch_seen', 'proj_default', '/v1/chat/completions', '24h', 'completed', now(), now())`,
  );
}

async function metrics(): Promise<string> {
  return (await app.get('/metrics')).text();
}

function alertQueries(): Query[] {
  const alerts = readRules().filter(({ alert, record }) => record !== undefined || !alert?.endsWith('Absent'));
  return alerts.flatMap(({ alert, record, expr }) =>
    withoutComparisons(expr).map((part) => ({ place: alert ?? record ?? '', expr: part })),
  );
}

(CHECKED ? describe : describe.skip)('what a real Prometheus makes of /metrics', () => {
  let prometheus: PrometheusServer;
  let alarmed: Sample[];

  beforeAll(async () => {
    prometheus = await PrometheusServer.start(new URL(app.url).host);
    await prometheus.scrapes(1);
    alarmed = await alarms();
    await addBatch();
    await makeTraffic();
    tellTheRest();
    await prometheus.scrapes(1);
    await makeTraffic();
    tellTheRest();
    await prometheus.scrapes(2);
  }, START_MS);

  afterAll(async () => {
    await prometheus.stop();
  });

  /** The alerts that a server sets off to which nothing happens; a machine that was busy for a moment calms down. */
  async function alarms(): Promise<Sample[]> {
    for (let left = 5; ; left -= 1) {
      await prometheus.scrapes(1);
      // The disk is the machine's, and so is what else it has to do.
      const found = await prometheus.query('ALERTS{alertname!~"TrunklineDisk.*|TrunklineEventLoopSaturated"}');
      if (found.length === 0 || left === 0) return found;
    }
  }

  async function silent(queries: readonly Query[]): Promise<Query[]> {
    const answers = await Promise.all(
      queries.map(async (query) => {
        const samples = await prometheus.query(query.expr);
        return samples.some(({ value }) => value[1] !== 'NaN') ? [] : [query];
      }),
    );
    return answers.flat();
  }

  it('has nothing to be alarmed about at a server where nothing happens', () => {
    expect(alarmed).toEqual([]);
  });

  it('says something to every query of every panel', async () => {
    const queries = panelQueries(readDashboard());
    expect(queries.length).toBeGreaterThan(80);
    expect(await silent(queries)).toEqual([]);
  });

  it('has data for all that alerts and recordings are about', async () => {
    const queries = alertQueries();
    expect(queries.length).toBeGreaterThan(35);
    expect(await silent(queries)).toEqual([]);
  });

  it('finds values for every variable of the dashboard', async () => {
    for (const { definition = '' } of readDashboard().templating.list) {
      const [, metric, label] = /^label_values\((\w+)(?:\{[^}]*\})?, (\w+)\)$/.exec(definition) ?? [];
      if (metric === undefined || label === undefined) continue;
      const samples = await prometheus.query(`count by (${label}) (${metric})`);
      expect([definition, samples.every((sample) => sample.metric[label] !== undefined), samples.length > 0]).toEqual([
        definition,
        true,
        true,
      ]);
    }
  });

  it('would tell of a query that nothing answers, and of one that it does not understand', async () => {
    const wrong = { place: 'none', expr: 'sum(rate(trunkline_never_heard_of_total[1m]))' };
    expect(await silent([wrong])).toEqual([wrong]);
    await expect(prometheus.query('sum(')).rejects.toThrow('parse error');
  });

  it('is content with names and texts', async () => {
    const { output } = promtool(['check', 'metrics'], await metrics());
    expect(output.split('\n').filter((line) => line.includes('trunkline_'))).toEqual([]);
  });
});

describe('GET /metrics', () => {
  async function gauge(series: string): Promise<number> {
    const line = (await metrics()).split('\n').find((text) => text.startsWith(`${series} `));
    return Number(line?.split(' ')[1] ?? NaN);
  }

  it('says what runs, that it is ready, and what that depends on', async () => {
    const text = await metrics();
    expect(text).toMatch(/^trunkline_build_info\{version="\d+\.\d+\.\d+[^"]*",node="v\d+\.[^"]*"\} 1$/m);
    expect(text).toContain('\ntrunkline_ready 1\n');
    for (const name of ['server', 'database', 'queue', 'providers']) {
      expect(text).toContain(`trunkline_dependency_up{dependency="${name}"} 1`);
    }
    expect(await gauge('trunkline_data_dir_free_bytes')).toBeGreaterThan(0);
    expect(await gauge('trunkline_database_pool_size')).toBeGreaterThan(0);
  });

  it('counts what is under way while it is, and the stream among it', async () => {
    const before = await gauge('trunkline_http_requests_in_flight');
    const body = { model: 'smart', stream: true, messages: [{ role: 'user', content: 'Hello' }] };
    const stalled = openAi.stallAfter(1);
    const answer = await app.post('/v1/chat/completions', body);
    expect(await gauge('trunkline_http_streams_open')).toBe(1);
    expect(await gauge('trunkline_http_requests_in_flight')).toBe(before + 1);
    stalled.release();
    await answer.text();
    expect(await gauge('trunkline_http_streams_open')).toBe(0);
  });

  it('does not grow by what clients think up (X03)', async () => {
    await makeTraffic();
    const known = new Set(seriesOf(await metrics()));
    expect(await sendJunk(app, JUNK)).toBe(JUNK);
    const grown = seriesOf(await metrics()).filter((series) => !known.has(series));
    expect(grown.length <= 50 ? [] : grown).toEqual([]);
  });
});

describe('GET /admin/requests', () => {
  it('shows attempts as a waterfall: when each began, had content and ended, within its request', async () => {
    await makeTraffic();
    const answer = await app.get('/admin/requests?operation=chat&status=succeeded&provider=openai&limit=100');
    const { data } = (await answer.json()) as { data: { duration_ms: number; attempts: ShownAttempt[] }[] };
    const retried = data.find(({ attempts }) => attempts.length === 2);
    expect(retried?.attempts).toMatchObject([
      { n: 1, outcome: 'failed', first_content_ms: null, is_hedge: false, is_continuation: false, is_aside: false },
      { n: 2, outcome: 'succeeded', first_content_ms: expect.any(Number), is_hedge: false, is_aside: false },
    ]);
    for (const { attempts, duration_ms: wholeMs } of data) {
      for (const { start_offset_ms: startMs, first_content_ms: contentMs, duration_ms: tookMs } of attempts) {
        expect(startMs).toBeGreaterThanOrEqual(0);
        expect(contentMs ?? 0).toBeLessThanOrEqual(tookMs);
        // Each time is read for itself, and a busy machine may pause between two of them.
        expect(startMs + tookMs).toBeLessThanOrEqual(wholeMs + 1_000);
      }
    }
  });
});

interface ShownAttempt {
  start_offset_ms: number;
  first_content_ms: number | null;
  duration_ms: number;
}
