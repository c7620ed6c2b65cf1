import { describe, expect, it } from '@jest/globals';
import { CallContext } from '../../core/call-context.js';
import type { FetchOptions, FetchedResource, VettedFetch } from '../../egress/vetted-fetch.js';
import { type HttpTool, toServerTool } from './http-tools.js';

const call = new CallContext({ id: 'req_1', surface: 'native', receivedAt: 0 });

/** Answers with what it was sent. */
const echo = {
  fetch: (url: string, { headers }: FetchOptions): Promise<Partial<FetchedResource>> =>
    Promise.resolve({
      status: 200,
      mediaType: 'text/plain',
      body: Buffer.from([url, ...Object.entries(headers ?? {}).flat()].join(' | ')),
    }),
} as unknown as VettedFetch;

function toolWith(headers: Record<string, string>): HttpTool {
  return {
    name: 'weather',
    description: 'Weather',
    parameters: { type: 'object' },
    method: 'GET',
    argumentsIn: 'query',
    url: 'https://weather.example/',
    timeoutMs: 1_000,
    maxResponseBytes: 1_000,
    isTrusted: true,
    headers: () => Promise.resolve(headers),
  };
}

describe('a server that tells what it was sent', () => {
  it('gives no secret of the tool away, whole or in part', async () => {
    const tool = toServerTool(toolWith({ authorization: 'Bearer hidden-secret', 'x-version': '2026-11-22' }), echo);
    const { content } = await tool.run({}, { call, signal: call.signal });
    expect(content).toContain('authorization | Bearer [secret]');
    expect(content).toContain('2026-11-22');
    const bare = toServerTool(toolWith({ 'x-key': 'Token hidden-secret' }), {
      fetch: () =>
        Promise.resolve({ status: 500, mediaType: 'text/plain', body: Buffer.from('no hidden-secret here') }),
    } as unknown as VettedFetch);
    expect(await bare.run({}, { call, signal: call.signal })).toEqual({
      content: 'The tool answered with status 500.\nno [secret] here',
      isError: true,
    });
  });
});
