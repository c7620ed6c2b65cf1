/** Entry of a process: sends the requests of one job after the other, and tells its parent what came of them. */
import { Agent, type IncomingMessage, request } from 'node:http';

/** What is to be sent, for how long. */
export interface LoadJob {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly seconds: number;
  /** So many clients, each sending again when it was answered; or so many requests in a second, whatever becomes of them. */
  readonly pace: { readonly clients: number } | { readonly perSecond: number };
}

/** What came of it; times in milliseconds. */
export interface LoadReport {
  readonly seconds: number;
  /** How often each status came; 0 where there was no answer. */
  readonly statuses: Readonly<Record<string, number>>;
  /** Refusals (503) that do not say when to come again. */
  readonly silentRefusals: number;
  /** How long refusals took as the server saw it, and as the client did, shortest first. */
  readonly refusalServerMs: readonly number[];
  readonly refusalClientMs: readonly number[];
}

const agent = new Agent({ keepAlive: true, maxSockets: Infinity });

process.on('message', (job: LoadJob) => {
  void run(job).then((report) => process.send?.(report));
});
process.on('disconnect', () => process.exit());

async function run(job: LoadJob): Promise<LoadReport> {
  const statuses: Record<string, number> = {};
  const refusalServerMs: number[] = [];
  const refusalClientMs: number[] = [];
  let silentRefusals = 0;
  const send = async (): Promise<void> => {
    const sentAt = performance.now();
    const { statusCode = 0, headers = {} } = (await ask(job)) ?? {};
    statuses[statusCode] = (statuses[statusCode] ?? 0) + 1;
    if (statusCode !== 503) return;
    refusalClientMs.push(performance.now() - sentAt);
    refusalServerMs.push(parseInt(String(headers['x-response-time']), 10));
    if (headers['retry-after'] === undefined || headers['retry-after-ms'] === undefined) silentRefusals += 1;
  };
  const startedAt = performance.now();
  const { pace } = job;
  if ('clients' in pace) await sendByTurns(pace.clients, startedAt + job.seconds * 1_000, send);
  else await sendSteadily(pace.perSecond, job.seconds, send);
  const seconds = (performance.now() - startedAt) / 1_000;
  const ascending = (times: number[]): number[] => times.sort((a, b) => a - b);
  return {
    ...{ seconds, statuses, silentRefusals },
    refusalServerMs: ascending(refusalServerMs),
    refusalClientMs: ascending(refusalClientMs),
  };
}

async function sendByTurns(clients: number, endsAt: number, send: () => Promise<void>): Promise<void> {
  const client = async (): Promise<void> => {
    while (performance.now() < endsAt) await send();
  };
  await Promise.all(Array.from({ length: clients }, client));
}

async function sendSteadily(perSecond: number, seconds: number, send: () => Promise<void>): Promise<void> {
  const total = Math.ceil(perSecond * seconds);
  const startedAt = performance.now();
  const running: Promise<void>[] = [];
  while (running.length < total) {
    const due = Math.min(total, Math.ceil(((performance.now() - startedAt) / 1_000) * perSecond));
    while (running.length < due) running.push(send());
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  await Promise.all(running);
}

/** The answer, read to its end; null when there was none. */
function ask({ url, headers, body }: LoadJob): Promise<IncomingMessage | null> {
  return new Promise((resolve) => {
    const sent = request(url, { method: 'POST', agent, headers }, (response) => {
      response.resume().once('end', () => {
        resolve(response);
      });
    });
    sent.once('error', () => {
      resolve(null);
    });
    sent.end(body);
  });
}
