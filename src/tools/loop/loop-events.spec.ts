import { describe, expect, it } from '@jest/globals';
import { FakeClock } from '../../../test/support/fake-clock.js';
import type { ToolLoopConfig } from '../../config/tools-config.js';
import { CallContext } from '../../core/call-context.js';
import type { ChatEvent } from '../../core/chat/chat-event.js';
import type { ChatRequest, ToolDefinition } from '../../core/chat/chat-request.js';
import { tokenUsage } from '../../core/chat/token-usage.js';
import type { ToolLoopEnd } from '../../core/telemetry/tool-telemetry.js';
import type { ServerTool, ToolOutput } from '../server-tool.js';
import { LoopBounds } from './loop-bounds.js';
import { LoopEvents } from './loop-events.js';

const CONFIG: ToolLoopConfig = { maxSteps: 5, maxMs: 1_000, maxCostUsd: null, parallelCalls: 2, maxResultTokens: 100 };
const OUR_TOOL = { name: 'http:ours', description: 'x', parameters: { type: 'object' } } as unknown as ServerTool;

const start = (model = 'm', id = 'a1'): ChatEvent => ({ type: 'response-start', id, model });
const text = (value: string): ChatEvent => ({ type: 'text-delta', choice: 0, text: value });
const usage = (input: number): ChatEvent => ({ type: 'usage', usage: tokenUsage({ input, output: 1 }) });
const end = (finishReason: 'stop' | 'tool-calls' | 'length'): ChatEvent => ({
  type: 'finish',
  choice: 0,
  finishReason,
});

function asks(id: string, name = 'ours', index = 0): ChatEvent[] {
  return [
    { type: 'tool-call-start', choice: 0, index, id, name },
    { type: 'tool-call-delta', choice: 0, index, argumentsDelta: '{}' },
  ];
}

interface Scene {
  readonly events: LoopEvents;
  readonly requests: ChatRequest[];
  readonly call: CallContext;
  readonly clock: FakeClock;
  readonly ended: [ToolLoopEnd, number][];
  /** How many answers were closed before their end. */
  closed: number;
  run: (signal: { addEventListener(type: 'abort', listener: () => void): void }) => Promise<ToolOutput>;
}

/** A loop over scripted answers, the last one for all that follow. */
function stage(
  answers: (ChatEvent | Error)[][],
  over: Partial<ToolLoopConfig & { request: Partial<ChatRequest> }> = {},
): Scene {
  const clock = new FakeClock();
  const call = new CallContext({ id: 'req_1', surface: 'native', receivedAt: 0 });
  const request: ChatRequest = { model: 'm', messages: [], stream: true, ...over.request };
  const events = new LoopEvents({
    request,
    tools: new Map([['ours', OUR_TOOL]]),
    bounds: new LoopBounds({ ...CONFIG, ...over }, undefined, clock),
    parallelCalls: 2,
    call,
    ask: (asked) => {
      scene.requests.push(asked);
      const script = (answers.length > 1 ? answers.shift() : answers[0]) ?? [];
      return script[0] instanceof Error ? Promise.reject(script[0]) : Promise.resolve(play(script));
    },
    run: (_call, signal) => scene.run(signal),
    ended: (why, steps) => scene.ended.push([why, steps]),
  });
  const play = (script: (ChatEvent | Error)[]): AsyncIterable<ChatEvent> => {
    const steps = script[Symbol.iterator]();
    const next = (): Promise<IteratorResult<ChatEvent, undefined>> => {
      const step = steps.next();
      if (step.value instanceof Error) return Promise.reject(step.value);
      return Promise.resolve(step.done ? { done: true, value: undefined } : { done: false, value: step.value });
    };
    const close = (): Promise<IteratorResult<ChatEvent, undefined>> => {
      scene.closed += 1;
      return Promise.resolve({ done: true, value: undefined });
    };
    return { [Symbol.asyncIterator]: () => ({ next, return: close }) };
  };
  const output = { content: '1', isError: false };
  const scene: Scene = { events, requests: [], call, clock, ended: [], closed: 0, run: () => Promise.resolve(output) };
  return scene;
}

async function readAll({ events }: Scene): Promise<ChatEvent[]> {
  const read: ChatEvent[] = [];
  for await (const event of await events.open()) read.push(event);
  return read;
}

describe('LoopEvents', () => {
  it('is one answer: one head, calls numbered through, one end, one usage', async () => {
    const scene = stage([
      [start(), text('One.'), ...asks('a'), ...asks('b', 'ours', 1), end('tool-calls'), usage(10)],
      [start('m', 'a2'), text('Two.'), ...asks('c'), end('tool-calls'), usage(20)],
      [start('other', 'a3'), text('\nThree.'), end('stop'), usage(30)],
    ]);
    const read = await readAll(scene);
    const heads = read.filter(({ type }) => type === 'response-start');
    expect(heads).toMatchObject([
      { id: 'a1', model: 'm' },
      { id: 'a1', model: 'other' },
    ]);
    expect(read.filter((event) => event.type === 'tool-call-start').map(({ id, index }) => [id, index])).toEqual([
      ['a', 0],
      ['b', 1],
      ['c', 2],
    ]);
    expect(read.map((event) => (event.type === 'text-delta' ? event.text : '')).join('')).toBe('One.\n\nTwo.\nThree.');
    expect(read.slice(-2)).toMatchObject([
      { type: 'finish', finishReason: 'stop' },
      { type: 'usage', usage: { input: 60, output: 3 } },
    ]);
    expect(read.filter(({ type }) => type === 'finish' || type === 'usage')).toHaveLength(2);
    expect(scene.ended).toEqual([['answered', 3]]);
    expect(scene.requests[2]?.messages.map(({ role }) => role)).toEqual([
      ...['assistant', 'tool', 'tool'],
      ...['assistant', 'tool'],
    ]);
  });

  it('tells calls apart that have the same id, or none', async () => {
    const scene = stage([
      [start(), ...asks('x'), ...asks('x', 'ours', 1), ...asks('', 'ours', 2), end('tool-calls')],
      [start(), ...asks('x'), end('tool-calls')],
      [start(), text('Done.'), end('stop')],
    ]);
    const read = await readAll(scene);
    const ids = read.flatMap((event) => (event.type === 'tool-call-start' ? [event.id] : []));
    expect(new Set(ids).size).toBe(4);
    expect(read.flatMap((event) => (event.type === 'tool-result' ? [event.id] : [])).sort()).toEqual([...ids].sort());
  });

  it.each<[ToolLoopEnd, Partial<ToolLoopConfig>, (scene: Scene) => Promise<void>]>([
    ['steps', { maxSteps: 2 }, () => Promise.resolve()],
    ['time', {}, ({ clock }) => clock.advance(1_000)],
    ['cost', { maxCostUsd: 0.5 }, ({ call }) => Promise.resolve(void (call.costUsd = '0.5000000000'))],
  ])('has the model answer without tools at the bound of %s', async (bound, config, reach) => {
    const scene = stage(
      [
        [start(), ...asks('a'), end('tool-calls')],
        [start(), text('So.'), end('stop')],
      ],
      config,
    );
    scene.run = async () => {
      await reach(scene);
      return { content: '1', isError: false };
    };
    const read = await readAll(scene);
    expect(scene.requests.map(({ toolChoice }) => toolChoice)).toEqual([undefined, { type: 'none' }]);
    expect(read.find(({ type }) => type === 'warning')).toMatchObject({
      message: expect.stringMatching(/without further/),
    });
    expect(scene.ended).toEqual([[bound, 2]]);
  });

  it('leaves the client its own tools in the last answer', async () => {
    const own: ToolDefinition = { name: 'theirs' };
    const scene = stage(
      [
        [start(), ...asks('a'), end('tool-calls')],
        [start(), ...asks('b', 'theirs'), end('tool-calls')],
      ],
      {
        maxSteps: 2,
        request: { tools: [own], toolChoice: { type: 'required' } },
      },
    );
    const read = await readAll(scene);
    expect(scene.requests.map(({ tools }) => tools?.map(({ name }) => name))).toEqual([['theirs', 'ours'], ['theirs']]);
    // Who had to use a tool has done so.
    expect(scene.requests.map(({ toolChoice }) => toolChoice?.type)).toEqual(['required', 'auto']);
    expect(read.at(-1)).toMatchObject({ type: 'finish', finishReason: 'tool-calls' });
    expect(scene.ended).toEqual([['client-tools', 2]]);
  });

  it('runs nothing of an answer that was cut off', async () => {
    const scene = stage([[start(), ...asks('a'), end('length')]]);
    expect((await readAll(scene)).at(-1)).toMatchObject({ type: 'finish', finishReason: 'length' });
    expect(scene.requests).toHaveLength(1);
  });

  it('runs so many calls of one answer and no more', async () => {
    const many = Array.from({ length: 40 }, (_each, index) => asks(`c${String(index)}`, 'ours', index)).flat();
    const scene = stage([
      [start(), ...many, end('tool-calls')],
      [start(), text('Ok.'), end('stop')],
    ]);
    let runs = 0;
    scene.run = () => Promise.resolve({ content: String((runs += 1)), isError: false });
    const read = await readAll(scene);
    expect(runs).toBe(32);
    expect(read.filter((event) => event.type === 'tool-result' && event.isError)).toHaveLength(8);
  });

  it.each<[string, (ChatEvent | Error)[][]]>([
    ['the first answer cannot be had', [[new Error('no')]]],
    ['an answer breaks off', [[start(), text('x'), new Error('no')]]],
    ['a later answer cannot be had', [[start(), ...asks('a'), end('tool-calls')], [new Error('no')]]],
  ])('fails when %s', async (_name, answers) => {
    const scene = stage(answers);
    await expect(readAll(scene)).rejects.toThrow('no');
    expect(scene.ended).toMatchObject([['failed', expect.any(Number)]]);
    expect(await scene.events.next()).toEqual({ done: true, value: undefined });
  });

  it('stops the tools and the model when nobody reads on', async () => {
    const scene = stage([[start(), ...asks('a'), end('tool-calls')]]);
    const stopped = new Promise<void>((resolve) => {
      scene.run = (signal) => {
        signal.addEventListener('abort', resolve);
        return new Promise(() => undefined);
      };
    });
    const events = await scene.events.open();
    for (let read = 0; read < 3; read += 1) await events.next();
    const waiting = events.next();
    await scene.clock.advance(0);
    await events.return();
    await stopped;
    expect([scene.closed, scene.ended]).toEqual([1, [['failed', 1]]]);
    void waiting;
  });

  it('closes an answer that comes when nobody waits any more', async () => {
    const scene = stage([[start(), text('x'), end('stop')]]);
    const opening = scene.events.open();
    await scene.events.return();
    await opening;
    expect(scene.closed).toBe(1);
  });

  it('rejects with why the call was given up, while tools run', async () => {
    const scene = stage([[start(), ...asks('a'), end('tool-calls')]]);
    scene.run = (signal) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          reject(new Error('gone'));
        });
      });
    const reading = readAll(scene);
    await scene.clock.advance(0);
    scene.call.abort(new Error('gone'));
    await expect(reading).rejects.toThrow('gone');
  });
});
