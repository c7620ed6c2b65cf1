import type { ServerResponse } from 'node:http';
import type { Writable } from 'node:stream';
import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises';
import { createGzip, constants, gzipSync } from 'node:zlib';
import type { Behaviour, Drip, Exchange, Interruption, WireNoise } from './behaviour.js';
import { frameText, type Frame } from './frame.js';
import type { ScriptedReply } from './scripted-reply.js';

// What was written last must have left the machine before the connection is torn down, else the client may not see it.
const SETTLE_MS = 25;
/** What a busy process may take to read what is there. */
const READ_MS = 250;

/** Breaks the connection with a TCP reset. */
export async function resetConnection({ request, response }: Exchange): Promise<void> {
  await delay(SETTLE_MS);
  request.isBrokenByFake = true;
  response.socket?.resetAndDestroy();
}

/** Ends the connection in the middle of the answer, politely for TCP and wrongly for HTTP. */
export async function cutConnection({ request, response }: Exchange): Promise<void> {
  await delay(SETTLE_MS);
  request.isBrokenByFake = true;
  response.socket?.end();
}

/** Sends an unstreamed answer. */
export async function sendJson(
  exchange: Exchange,
  answer: { status: number; body: unknown },
  behaviour: Behaviour,
  headers: Record<string, string> = {},
): Promise<void> {
  const { response, vendor } = exchange;
  const { interruption } = behaviour;
  if (interruption?.how === 'error-frame') {
    const failure = vendor.failure('overloaded');
    await sendJson(exchange, failure, { gzip: behaviour.gzip });
    return;
  }
  const whole = Buffer.from(JSON.stringify(answer.body));
  const plain = behaviour.truncatesJson === true ? whole.subarray(0, whole.length >> 1) : whole;
  const body = behaviour.gzip === true ? gzipSync(plain) : plain;
  response.writeHead(answer.status, {
    'content-type': 'application/json',
    'content-length': String(body.length),
    ...(behaviour.gzip === true ? { 'content-encoding': 'gzip' } : {}),
    ...headers,
  });
  if (!interruption) {
    response.end(body);
    return;
  }
  response.write(body.subarray(0, body.length >> 1));
  if (await isInterrupted(exchange, interruption)) return;
  response.end(body.subarray(body.length >> 1));
}

/** Sends a streamed answer event by event. */
export async function sendStream(
  exchange: Exchange,
  frames: Frame[],
  behaviour: Behaviour,
  reply: ScriptedReply,
): Promise<void> {
  const { response, vendor } = exchange;
  sendStreamHead(response, behaviour, reply);
  const sink = openSink(response, behaviour);
  const { interruption } = behaviour;
  const stopAt = interruption ? interruptionIndex(frames, interruption.after) : -1;
  const firstContent = frames.findIndex((frame) => frame.kind === 'content');
  const dripFrom = interruptionIndex(frames, behaviour.drip?.after ?? frames.length);
  for (const [index, frame] of frames.entries()) {
    if (interruption && index === stopAt) {
      if (interruption.how === 'error-frame') await sink.write(vendor.errorFrame(exchange.request));
      await sink.flushed();
      if (await isInterrupted(exchange, interruption)) return;
    }
    await keepSilence(reply, index === firstContent);
    if (response.destroyed) return;
    await writeFrame(frame, index >= dripFrom ? behaviour.drip : undefined, { response, sink });
  }
  sink.end();
}

function sendStreamHead(response: ServerResponse, { gzip }: Behaviour, { headers }: ScriptedReply): void {
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache',
    ...(gzip === true ? { 'content-encoding': 'gzip' } : {}),
    ...headers,
  });
  response.flushHeaders();
}

async function keepSilence(reply: ScriptedReply, isFirstContent: boolean): Promise<void> {
  const silenceMs = (isFirstContent ? reply.firstContentDelayMs : undefined) ?? reply.eventDelayMs;
  if (silenceMs !== undefined) await delay(silenceMs);
}

function writeFrame(
  frame: Frame,
  drip: Drip | undefined,
  { response, sink }: { response: ServerResponse; sink: Sink },
): Promise<void> {
  return drip ? dripFrame(response, frame, drip) : sink.write(frame);
}

async function dripFrame(response: ServerResponse, frame: Frame, { byteDelayMs }: Drip): Promise<void> {
  for (const byte of Buffer.from(frameText(frame))) {
    if (response.destroyed) return;
    response.write(Buffer.of(byte));
    await delay(byteDelayMs);
  }
}

// The opening goes out before an interruption at 0; one past the last content falls before the finish.
function interruptionIndex(frames: Frame[], after: number): number {
  let seen = 0;
  for (const [index, frame] of frames.entries()) {
    if (frame.kind === 'content') {
      if (after === 0) return index;
      seen += 1;
      if (seen === after) return index + 1;
    } else if (frame.kind === 'finish') {
      return index;
    }
  }
  return frames.length;
}

async function isInterrupted(exchange: Exchange, interruption: Interruption): Promise<boolean> {
  switch (interruption.how) {
    case 'reset':
      await resetConnection(exchange);
      return true;
    case 'cut':
      await cutConnection(exchange);
      return true;
    case 'stall':
      await interruption.released;
      return exchange.response.destroyed;
    case 'error-frame':
      exchange.response.end();
      return true;
    case 'garbage':
      // Behind the sink's back: what was compressed so far goes on in bytes that are no compression. Who reads both at once
      // has had no content yet, and may ask again.
      await delay(READ_MS);
      exchange.response.end(Buffer.alloc(100, 'x'));
      return true;
    case 'flood':
      await sendFlood(exchange.response, interruption.flood?.chunk ?? '', interruption.flood?.bytes ?? 0);
      return true;
  }
}

/** Sends `chunk` over and over until `bytes` were sent or the client left, and ends the answer. */
export async function sendFlood(response: ServerResponse, chunk: string, bytes: number): Promise<void> {
  const block = Buffer.from(chunk.repeat(Math.max(1, Math.ceil(65_536 / chunk.length))));
  for (let sent = 0; sent < bytes && !response.destroyed; sent += block.length) {
    if (response.write(block)) continue;
    await drained(response, response);
  }
  response.end();
}

function drained(target: Writable, response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const go = (): void => {
      target.off('drain', go);
      response.off('close', go);
      resolve();
    };
    target.on('drain', go);
    response.on('close', go);
  });
}

interface Sink {
  write(frame: Frame): Promise<void>;
  /** All that was written is on its way. */
  flushed(): Promise<void>;
  end(): void;
}

function openSink(response: ServerResponse, { gzip, noise }: Behaviour): Sink {
  const compressed = gzip === true ? createGzip({ flush: constants.Z_SYNC_FLUSH }) : null;
  const target = compressed ?? response;
  compressed?.pipe(response);
  let isFirst = true;
  return {
    async write(frame) {
      const bytes = Buffer.from(noisyText(frame, noise, isFirst));
      isFirst = false;
      for (const chunk of inChunks(bytes, noise?.chunkBytes)) {
        if (!target.write(chunk) && !response.destroyed) await drained(target, response);
        if (noise?.chunkBytes !== undefined) await nextTurn();
      }
    },
    async flushed() {
      if (compressed)
        await new Promise<void>((resolve) => {
          compressed.flush(resolve);
        });
      await nextTurn();
    },
    end() {
      target.end();
    },
  };
}

function noisyText(frame: Frame, noise: WireNoise = {}, isFirst = false): string {
  const end = noise.lineEnd ?? '\n';
  const chatter = `: hello${end}${end}event: x-unknown${end}data: {"type":"x_unknown"}${end}${end}id: 7${end}retry: 10${end}x-unknown: field${end}`;
  const before = noise.chatter === true && frame.kind !== 'done' ? chatter : '';
  const spread = noise.multiLineData === true ? spreadData(frame, end) : frame;
  return `${isFirst && noise.byteOrderMark === true ? '\uFEFF' : ''}${before}${frameText(spread, end)}`;
}

// The line ends between the data lines are part of the data, and mean nothing in JSON.
function spreadData(frame: Frame, lineEnd: string): Frame {
  if (!frame.data.startsWith('{')) return frame;
  const lines = JSON.stringify(JSON.parse(frame.data), null, 1).split('\n');
  return { ...frame, data: lines.join(`${lineEnd}data: `) };
}

function* inChunks(bytes: Buffer, size = bytes.length): Generator<Buffer> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
}
