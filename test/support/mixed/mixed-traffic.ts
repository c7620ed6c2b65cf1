import { randomUUID } from 'node:crypto';
import type { MixedServer } from './mixed-server.js';

/** How one request ended for its client: a status, `aborted` by himself, or `broken` when there was no whole answer. */
export type Outcome = number | 'aborted' | 'broken' | 'in-band error';

export interface Answer {
  readonly kind: string;
  readonly mark: string;
  readonly atMs: number;
  readonly outcome: Outcome;
}

interface Visit {
  readonly mark: string;
  readonly signal: AbortSignal;
}

type Kind = (visit: Visit) => Promise<Outcome>;

/** Clients of every kind, and what they were promised: documents, responses, turns, batches, replays. */
export class MixedTraffic {
  readonly answers: Answer[] = [];
  /** Jobs that were accepted. */
  readonly jobs: string[] = [];
  /** Batches that were accepted, with how many requests each. */
  readonly batches: { id: string; size: number }[] = [];
  /** Stored responses whose answer came whole. */
  readonly responses: string[] = [];
  /** The marks of the turns of each conversation whose answer came whole. */
  readonly turns = new Map<string, string[]>();
  /** Keys whose second answer was not the first one's bytes. */
  readonly unequalReplays: string[] = [];
  #count = 0;
  readonly #startedAt = performance.now();
  readonly #kinds: readonly [weight: number, name: string, kind: Kind][];

  constructor(
    private readonly server: MixedServer,
    private readonly random: () => number,
    private readonly abortShare: number,
  ) {
    this.#kinds = [
      [20, 'chat', (visit) => this.#chat(visit, false)],
      [30, 'chat stream', (visit) => this.#chat(visit, true)],
      [8, 'messages', (visit) => this.#messages(visit)],
      [8, 'responses', (visit) => this.#responses(visit)],
      [8, 'embeddings', (visit) => this.#embeddings(visit)],
      [8, 'conversation', (visit) => this.#turn(visit)],
      [6, 'query', (visit) => this.#query(visit)],
      [6, 'same again', (visit) => this.#again(visit)],
      [5, 'index', (visit) => this.#index(visit)],
      [1, 'batch', (visit) => this.#batch(visit)],
    ];
  }

  /** Sends one request of some kind, which may leave before its answer; what came of it is in `answers`. */
  async send(): Promise<void> {
    this.#count += 1;
    const mark = `mark-${String(this.#count)}`;
    const controller = new AbortController();
    const leaves = this.random() < this.abortShare;
    const timer = leaves
      ? setTimeout(() => {
          controller.abort();
        }, this.random() * 60)
      : undefined;
    const [, name, kind] = this.#pick();
    const atMs = performance.now() - this.#startedAt;
    const outcome = await kind({ mark, signal: controller.signal }).catch(() =>
      controller.signal.aborted ? ('aborted' as const) : ('broken' as const),
    );
    clearTimeout(timer);
    this.answers.push({ kind: name, mark, atMs, outcome });
  }

  get elapsedMs(): number {
    return performance.now() - this.#startedAt;
  }

  #pick(): readonly [number, string, Kind] {
    let left = this.random() * this.#kinds.reduce((sum, [weight]) => sum + weight, 0);
    for (const kind of this.#kinds) {
      left -= kind[0];
      if (left < 0) return kind;
    }
    return this.#kinds[0] as [number, string, Kind];
  }

  async #chat({ mark, signal }: Visit, stream: boolean): Promise<Outcome> {
    const body = { model: 'mixed', stream, max_tokens: 50, messages: [{ role: 'user', content: mark }] };
    const { status, text } = await this.#post('/v1/chat/completions', body, { mark, signal });
    return stream && status === 200 && !text.includes('[DONE]') ? 'in-band error' : status;
  }

  async #messages({ mark, signal }: Visit): Promise<Outcome> {
    const body = { model: 'mixed', max_tokens: 50, messages: [{ role: 'user', content: mark }] };
    return (await this.#post('/v1/messages', body, { mark, signal })).status;
  }

  async #responses({ mark, signal }: Visit): Promise<Outcome> {
    const { status, text } = await this.#post('/v1/responses', { model: 'mixed', input: mark }, { mark, signal });
    if (status === 200) this.responses.push((JSON.parse(text) as { id: string }).id);
    return status;
  }

  async #embeddings({ mark, signal }: Visit): Promise<Outcome> {
    return (await this.#post('/v1/embeddings', { model: 'lab/vectors', input: mark }, { mark, signal })).status;
  }

  async #query({ mark, signal }: Visit): Promise<Outcome> {
    const body = { question: 'What does the kestrel hunt?', model: 'mixed' };
    return (await this.#post('/v1/query', body, { mark, signal })).status;
  }

  // Ten conversations, in which turns come at once, too.
  async #turn({ mark, signal }: Visit): Promise<Outcome> {
    const id = await this.#conversation(Math.floor(this.random() * 10));
    if (id === null) return 'broken';
    const body = { model: 'mixed', conversation_id: id, message: mark };
    const { status } = await this.#post('/v1/chat', body, { mark, signal });
    if (status === 200) this.turns.get(id)?.push(mark);
    return status;
  }

  readonly #conversations = new Map<number, Promise<string | null>>();

  #conversation(number: number): Promise<string | null> {
    let made = this.#conversations.get(number);
    if (!made) {
      made = this.#makeConversation();
      this.#conversations.set(number, made);
      void made.then((id) => {
        if (id === null) this.#conversations.delete(number);
        else this.turns.set(id, []);
      });
    }
    return made;
  }

  async #makeConversation(): Promise<string | null> {
    const response = await this.server.call('POST', '/v1/conversations', {}).catch(() => null);
    const body = (await response?.json().catch(() => null)) as { id?: string } | null | undefined;
    return body?.id ?? null;
  }

  async #again({ mark, signal }: Visit): Promise<Outcome> {
    const body = { model: 'mixed', max_tokens: 50, messages: [{ role: 'user', content: mark }] };
    const headers = { 'idempotency-key': randomUUID() };
    const first = await this.#post('/v1/chat/completions', body, { mark, signal }, headers);
    if (first.status !== 200) return first.status;
    const second = await this.#post('/v1/chat/completions', body, { mark: `${mark}-again`, signal }, headers);
    if (second.status === 200 && second.text !== first.text) this.unequalReplays.push(mark);
    return second.status;
  }

  async #index({ mark, signal }: Visit): Promise<Outcome> {
    const content = `The kestrel of ${mark} hovers over open fields and hunts voles. It nests in holes of towers.`;
    // A source that comes again is a new version of its document.
    const source = `bird-${String(Math.floor(this.random() * 50))}.md`;
    const { status, text } = await this.#post('/v1/index', { source, content }, { mark, signal });
    const job = status === 202 ? (JSON.parse(text) as { job_id: string | null }).job_id : null;
    if (job !== null) this.jobs.push(job);
    return status;
  }

  async #batch({ mark, signal }: Visit): Promise<Outcome> {
    const size = 5;
    const requests = Array.from({ length: size }, (_, line) => ({
      custom_id: `${mark}-${String(line)}`,
      url: '/v1/chat/completions',
      body: { model: 'mixed', max_tokens: 50, messages: [{ role: 'user', content: `line ${String(line)}` }] },
    }));
    const { status, text } = await this.#post('/v1/batches', { requests }, { mark, signal });
    if (status === 200 || status === 201) this.batches.push({ id: (JSON.parse(text) as { id: string }).id, size });
    return status;
  }

  async #post(
    path: string,
    body: object,
    { mark, signal }: Visit,
    headers: Record<string, string> = {},
  ): Promise<{ status: number; text: string }> {
    const response = await this.server.call('POST', path, body, {
      signal,
      headers: { 'x-request-id': mark, ...headers },
    });
    return { status: response.status, text: await response.text() };
  }
}
