import { describe, expect, it } from '@jest/globals';
import { FakeClock } from '../../../test/support/fake-clock.js';
import type { McpServerConfig } from '../../config/tools-config.js';
import { Cancellation } from '../../core/cancellation.js';
import type { McpClient, McpClientEvents, McpTool } from './mcp-client.js';
import { McpLink } from './mcp-link.js';

const CONFIG: McpServerConfig = {
  name: 'files',
  transport: { kind: 'http', url: 'http://x/', headers: {} },
  tools: null,
  timeoutMs: 1_000,
  connectMs: 1_000,
  projects: null,
};

class FakeServer {
  readonly clock = new FakeClock();
  readonly warnings: string[] = [];
  opened = 0;
  closed = 0;
  lists = 0;
  pings = 0;
  tools: McpTool[] = [{ name: 'read', inputSchema: { type: 'object' } }];
  events: McpClientEvents | null = null;
  onOpen = (): Promise<void> => Promise.resolve();
  onList = (): Promise<void> => Promise.resolve();
  onCall = (_signal: AbortSignal): Promise<string> => Promise.resolve('done');
  onPing = (): Promise<void> => Promise.resolve();
  readonly link = new McpLink({
    config: CONFIG,
    clock: this.clock,
    warn: (message) => this.warnings.push(message),
    open: async (_config, events, signal) => {
      this.opened += 1;
      await Promise.race([this.onOpen(), aborted(signal)]);
      this.events = events;
      return this.#client();
    },
  });

  run(signal = new Cancellation()): Promise<string> {
    return this.link.run('read', {}, signal).then(
      ({ content }) => content,
      (error: unknown) => (error as Error).message,
    );
  }

  #client(): McpClient {
    return {
      listTools: async () => {
        this.lists += 1;
        await this.onList();
        return this.tools;
      },
      callTool: async (_name, _input, { signal }) => ({ content: [{ type: 'text', text: await this.onCall(signal) }] }),
      ping: () => {
        this.pings += 1;
        return this.onPing();
      },
      close: () => {
        this.closed += 1;
        return Promise.resolve();
      },
    };
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => {
      reject(signal.reason as Error);
    });
  });
}

describe('McpLink', () => {
  it('connects once for all who ask at once, and asks for the list once', async () => {
    const server = new FakeServer();
    const lists = await Promise.all([server.link.tools(), server.link.tools(), server.run()]);
    expect(lists[0]).toBe(lists[1]);
    expect([server.opened, server.lists]).toEqual([1, 1]);
    expect(server.link.known).toHaveLength(1);
  });

  it('asks for the list again when it has changed, also while it is being read, and after a while', async () => {
    const server = new FakeServer();
    server.onList = () => {
      server.events?.toolsChanged();
      return Promise.resolve();
    };
    await server.link.tools();
    server.onList = () => Promise.resolve();
    await server.link.tools();
    await server.link.tools();
    expect(server.lists).toBe(2);
    server.events?.toolsChanged();
    await server.link.tools();
    expect(server.lists).toBe(3);
    await server.clock.advance(300_000);
    await server.link.tools();
    expect(server.lists).toBe(4);
  });

  it('tries again at once after the first failure, then after longer and longer pauses', async () => {
    const server = new FakeServer();
    server.onOpen = () => Promise.reject(new Error('refused'));
    const opened: number[] = [];
    for (const pauseMs of [0, 0, 999, 1, 1_999, 1, 60_000]) {
      await server.clock.advance(pauseMs);
      await expect(server.link.tools()).rejects.toMatchObject({ code: 'dependency_unavailable' });
      opened.push(server.opened);
    }
    expect(opened).toEqual([1, 2, 2, 3, 3, 4, 5]);
    server.onOpen = () => Promise.resolve();
    await server.clock.advance(60_000);
    expect(await server.run()).toBe('done');
    server.events?.closed();
    expect(await server.run()).toBe('done');
    expect(server.warnings.at(-1)).toMatch(/"files" was lost: the connection was closed/);
  });

  it('knows the tools of a server that is away', async () => {
    const server = new FakeServer();
    await server.link.tools();
    server.events?.closed();
    server.onOpen = () => Promise.reject(new Error('refused'));
    expect(await server.link.tools()).toHaveLength(1);
    expect(await server.run()).toMatch(/not be reached|not available/);
  });

  it('begins a new session when the old one is forgotten, once', async () => {
    const server = new FakeServer();
    let isForgotten = true;
    server.onCall = () => {
      if (!isForgotten) return Promise.resolve('done');
      isForgotten = false;
      return Promise.reject(Object.assign(new Error('no session'), { code: 404 }));
    };
    expect(await server.run()).toBe('done');
    expect([server.opened, server.closed]).toEqual([2, 1]);
    server.onCall = () => Promise.reject(Object.assign(new Error('no session'), { code: 404 }));
    expect(await server.run()).toMatch(/could not be reached/);
    expect(server.opened).toBe(3);
  });

  it('gives a server up that does not answer any more, and keeps one that was only slow', async () => {
    const server = new FakeServer();
    server.onCall = aborted;
    const leave = async (): Promise<string> => {
      const signal = new Cancellation();
      const running = server.run(signal);
      await server.clock.advance(0);
      signal.abort(new Error('too late'));
      return running;
    };
    expect(await leave()).toBe('too late');
    await server.clock.advance(0);
    expect([server.pings, server.closed]).toEqual([1, 0]);
    server.onPing = () => Promise.reject(new Error('silence'));
    expect(await leave()).toBe('too late');
    await server.clock.advance(0);
    expect([server.pings, server.closed]).toEqual([2, 1]);
  });

  it('ends what is open, does not wait for what is opening, and opens nothing after that', async () => {
    const open = new FakeServer();
    await open.run();
    await open.link.close();
    expect([open.closed, await open.run()]).toEqual([1, expect.stringMatching(/not available/)]);
    const opening = new FakeServer();
    opening.onOpen = () => new Promise(() => undefined);
    const running = opening.run();
    await opening.link.close();
    expect(await running).toMatch(/could not be reached/);
  });
});
