import { beforeEach, describe, expect, it } from '@jest/globals';
import type { ChatEvent } from '../core/chat/chat-event.js';
import { AppError, ClientGoneError } from '../core/errors/app-error.js';
import type { SseFrame } from '../core/sse-frame.js';
import { parseResponsesRequest } from '../dialects/openai-responses/parse-responses-request.js';
import { withEarlierItems } from '../dialects/openai-responses/with-earlier-items.js';
import { ResponseFrames } from './response-frames.js';
import { ResponseRun } from './response-run.js';

const HEAD: ChatEvent = { type: 'response-start', id: 'x', model: 'm' };
const FINISH: ChatEvent = { type: 'finish', choice: 0, finishReason: 'stop' };

function text(piece: string): ChatEvent {
  return { type: 'text-delta', choice: 0, text: piece };
}

/** Gives the events, those after a null only when they are waited for, and then fails or ends. */
class Source implements AsyncIterableIterator<ChatEvent, undefined> {
  isReturned = false;
  onEnd: () => Promise<void> = () => Promise.resolve();

  constructor(
    private readonly events: (ChatEvent | null)[],
    private readonly error: Error | null = null,
  ) {}

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<ChatEvent, undefined>> {
    while (this.events[0] === null) this.events.shift();
    const event = this.events.shift();
    if (event) return { done: false, value: event };
    await this.onEnd();
    if (this.error) throw this.error;
    return { done: true, value: undefined };
  }

  take(): ChatEvent | undefined {
    if (this.events.length === 0 && this.error) throw this.error;
    return this.events[0] === null ? undefined : (this.events.shift() ?? undefined);
  }

  return(): Promise<IteratorResult<ChatEvent, undefined>> {
    this.isReturned = true;
    return Promise.resolve({ done: true, value: undefined });
  }
}

describe('ResponseFrames', () => {
  let run: ResponseRun;
  let log: string[];

  beforeEach(() => {
    const request = parseResponsesRequest({ model: 'm', input: 'Hi' });
    const told = { request, chat: withEarlierItems(request, []), input: request.input };
    run = new ResponseRun({ id: 'resp_1', createdAt: 1 }, told, 'proj_1');
    log = [];
  });

  function frames(source: Source): ResponseFrames {
    return new ResponseFrames(source, run, async (ended) => {
      const { status } = ended;
      await new Promise(setImmediate);
      log.push(`kept ${status}`);
    });
  }

  /** Reads as a reply does: what is there without waiting first. */
  async function read(source: ResponseFrames): Promise<void> {
    for (let step = await source.next(); step.done !== true; step = await source.next()) {
      for (let frame: SseFrame | undefined = step.value; frame; frame = source.take()) log.push(frame.event ?? '');
    }
  }

  it('keeps the response before its end is told', async () => {
    await read(frames(new Source([HEAD, text('One '), null, text('two'), FINISH])));
    expect(log[0]).toBe('response.created');
    expect(log.indexOf('kept completed')).toBeLessThan(log.indexOf('response.completed'));
    expect(log.filter((line) => line.startsWith('kept'))).toEqual(['kept completed']);
    expect(run.toStored()).toMatchObject({ id: 'resp_1', status: 'completed', body: { output: [] } });
    expect(JSON.stringify(run.output)).toContain('One two');
  });

  it.each([
    ['while it is waited for', [HEAD, text('One '), null]],
    ['with what is there', [HEAD, text('One ')]],
  ])('keeps one that fails %s, and has its last frame', async (_when, events) => {
    const made = frames(new Source(events, new AppError('upstream_stream_interrupted', 'It broke off.')));
    await expect(read(made)).rejects.toMatchObject({ code: 'upstream_stream_interrupted' });
    expect(log.filter((line) => line.startsWith('kept'))).toEqual(['kept failed']);
    expect(log).toContain('response.output_text.delta');
    expect(log).not.toContain('response.failed');
    expect(made.lastFrame?.event).toBe('response.failed');
    expect(made.lastFrame?.data).toContain('upstream_stream_interrupted: It broke off.');
    expect(await made.next()).toEqual({ done: true, value: undefined });
  });

  it('keeps one that is left as cancelled, once, whoever notices', async () => {
    const source = new Source([HEAD, text('One '), null, text('two'), FINISH]);
    const made = frames(source);
    await made.next();
    await made.return();
    await made.return();
    expect([log, source.isReturned]).toEqual([['kept cancelled'], true]);
    log = [];
    await expect(read(frames(new Source([HEAD, text('One ')], new ClientGoneError())))).rejects.toThrow(
      ClientGoneError,
    );
    expect(log.filter((line) => line.startsWith('kept'))).toEqual(['kept cancelled']);
  });

  it('a client that leaves while the end is stored changes nothing of it', async () => {
    let stored = (): void => undefined;
    const source = new Source([HEAD, text('One'), FINISH]);
    const made = new ResponseFrames(source, run, ({ status }) => {
      log.push(`kept ${status}`);
      return new Promise((resolve) => (stored = resolve));
    });
    const reading = read(made);
    while (!log.includes('kept completed')) await new Promise(setImmediate);
    await made.return();
    stored();
    await reading;
    expect(log.filter((line) => line.startsWith('kept'))).toEqual(['kept completed']);
  });
});
