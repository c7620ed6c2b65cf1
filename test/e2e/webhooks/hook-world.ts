import type { ServerResponse } from 'node:http';
import { Webhook } from 'standardwebhooks';
import { DataSource } from 'typeorm';
import { WebhooksConfig } from '../../../src/config/webhooks-config.js';
import { WebhookDispatcher } from '../../../src/jobs/webhooks/webhook-dispatcher.service.js';
import { FakeToolServer, type ToolVisit } from '../../fakes/fake-tool-server.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';

/** A webhook as its maker sees it. */
export interface Hook {
  id: string;
  url: string;
  secret: string;
  enabled: boolean;
  disabled_reason: string | null;
}

export interface Delivery {
  id: string;
  event_id: string;
  type: string;
  status: string;
  attempts: { status: number | null; error: string | null }[];
  next_attempt_at: string | null;
}

/** The application with a receiver of webhooks beside it. */
export class HookWorld {
  readonly receiver = new FakeToolServer();
  #app: TestApp | null = null;

  get app(): TestApp {
    if (!this.#app) throw new Error('The world has not been started.');
    return this.#app;
  }

  async start(env: Record<string, string> = {}): Promise<void> {
    await this.receiver.start();
    this.#app = await startTestApp({
      env: {
        TRUNKLINE_SECRET: 'a secret of the tests, long enough for it',
        EGRESS_ALLOW: '127.0.0.1/32',
        WEBHOOK_RETRY_SECONDS: '600,600',
        WEBHOOK_TIMEOUT_SECONDS: '10',
        ...env,
      },
    });
  }

  async stop(): Promise<void> {
    await this.#app?.close();
    this.receiver.stop();
  }

  /** A webhook at the receiver, under a path of its own. */
  async hook(path: string, events: string[], options: { key?: string; more?: object } = {}): Promise<Hook> {
    const body = { url: this.receiver.url + path, events, ...options.more };
    const made = await this.app.post('/v1/webhooks', body, { key: options.key });
    if (made.status !== 201) throw new Error(await made.text());
    return (await made.json()) as Hook;
  }

  /** What came to a path so far. */
  visitsTo(path: string): ToolVisit[] {
    return this.receiver.visits.filter((visit) => visit.path === path);
  }

  /** Lets all that is due be tried, and whatever follows from that, until nothing is on its way. */
  async settle(): Promise<void> {
    const dispatcher = this.app.nest.get(WebhookDispatcher);
    await dispatcher.look();
    await dispatcher.idle();
  }

  /** Waits so long for receivers until the test is over. */
  async withTimeout<T>(timeoutMs: number, work: () => Promise<T>): Promise<T> {
    const config = this.app.nest.get<{ timeoutMs: number }>(WebhooksConfig);
    const before = config.timeoutMs;
    config.timeoutMs = timeoutMs;
    try {
      return await work();
    } finally {
      config.timeoutMs = before;
    }
  }

  /** The pauses of a webhook's deliveries are over; they are tried. */
  async skipPause({ id }: Pick<Hook, 'id'>): Promise<void> {
    await this.sql(`update webhook_delivery set next_attempt_at = now() where webhook_id = $1`, [id]);
    await this.settle();
  }

  async deliveries({ id }: Pick<Hook, 'id'>): Promise<Delivery[]> {
    const answer = await this.app.get(`/v1/webhooks/${id}/deliveries`);
    return ((await answer.json()) as { data: Delivery[] }).data;
  }

  /** Sends a webhook an event, and waits until that was tried. */
  async test({ id }: Pick<Hook, 'id'>): Promise<Delivery> {
    const answer = await this.app.post(`/v1/webhooks/${id}/test`, {});
    if (answer.status !== 202) throw new Error(await answer.text());
    await this.settle();
    return (await answer.json()) as Delivery;
  }

  sql<T = unknown>(statement: string, parameters: unknown[]): Promise<T> {
    return this.app.nest.get(DataSource).query<T>(statement, parameters);
  }
}

/** What a receiver checks; the event. */
export function verified({ body, headers }: ToolVisit, secret: string): unknown {
  return new Webhook(secret).verify(body, headers as Record<string, string>);
}

/** An answer whose body never ends, a byte at a time. */
export function drip(response: ServerResponse): void {
  response.writeHead(200);
  const timer = setInterval(() => response.write('.'), 20);
  response.once('close', () => {
    clearInterval(timer);
  });
}
