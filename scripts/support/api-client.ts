/** What the server answered when it was not a success. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
}

export interface JobState {
  id: string;
  status: 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled';
  error?: { code: string; message: string } | null;
}

const MAX_TRIES = 8;

/** Speaks to a running server over HTTP with one key. */
export class ApiClient {
  readonly #url: string;
  readonly #key: string;

  constructor(url: string, key: string) {
    this.#url = url.replace(/\/+$/, '');
    this.#key = key;
  }

  /** Sends JSON; waits and tries again while the server is overloaded. Throws ApiError with the server's own message. */
  async post<T>(path: string, body: unknown): Promise<T> {
    return this.#json<T>(path, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
    });
  }

  get<T>(path: string): Promise<T> {
    return this.#json<T>(path, {});
  }

  /** The frames of a server-sent event stream, parsed; ends at `[DONE]`. Throws ApiError when the stream ends without it. */
  async *stream(path: string, body: unknown): AsyncGenerator<Record<string, unknown>> {
    const response = await this.#send(path, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
    });
    if (!response.ok || !response.body) throw await toApiError(response);
    let buffer = '';
    for await (const text of response.body.pipeThrough(new TextDecoderStream())) {
      buffer += text;
      for (let end = buffer.indexOf('\n\n'); end >= 0; end = buffer.indexOf('\n\n')) {
        const data = buffer.slice(0, end).replace(/^data: /, '');
        buffer = buffer.slice(end + 2);
        if (data === '[DONE]') return;
        if (!data.startsWith(':')) yield JSON.parse(data) as Record<string, unknown>;
      }
    }
    throw new ApiError('The stream ended before it was complete.');
  }

  /** Resolves when a job is over. Throws ApiError when it failed. */
  async waitForJob(id: string): Promise<void> {
    for (let pauseMs = 50; ; pauseMs = Math.min(pauseMs * 2, 1_000)) {
      const job = await this.get<JobState>(`/v1/jobs/${id}`);
      if (job.status === 'succeeded') return;
      if (job.status !== 'queued' && job.status !== 'running') {
        throw new ApiError(`Job ${id} ${job.status}: ${job.error?.message ?? 'no reason given'}`);
      }
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }

  async #json<T>(path: string, init: RequestInit): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      const response = await this.#send(path, init);
      if (response.ok) return (await response.json()) as T;
      const mayRetry = response.status === 429 || response.status === 503;
      if (!mayRetry || attempt === MAX_TRIES) throw await toApiError(response);
      await response.body?.cancel();
      const seconds = Number(response.headers.get('retry-after') ?? 1);
      await new Promise((resolve) => setTimeout(resolve, Math.min(seconds, 10) * 1_000));
    }
  }

  #send(path: string, init: RequestInit): Promise<Response> {
    const headers = { ...(init.headers as Record<string, string>), authorization: `Bearer ${this.#key}` };
    return fetch(`${this.#url}${path}`, { ...init, headers });
  }
}

async function toApiError(response: Response): Promise<ApiError> {
  const text = await response.text();
  return new ApiError(`HTTP ${String(response.status)}: ${text.slice(0, 500)}`);
}

/** Runs work over items, at most `concurrency` at a time; results keep the order of the items. */
export async function mapConcurrently<T, R>(
  items: readonly T[],
  concurrency: number,
  work: (item: T, index: number) => Promise<R>,
): Promise<R[]> {
  const results = new Array<R>(items.length);
  let next = 0;
  const run = async (): Promise<void> => {
    while (next < items.length) {
      const index = next;
      next += 1;
      results[index] = await work(items[index] as T, index);
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, items.length) }, run));
  return results;
}
