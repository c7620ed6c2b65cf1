import { beforeEach, describe, expect, it } from '@jest/globals';
import { CallContext } from '../../core/call-context.js';
import { UNLIMITED } from '../../core/principal.js';
import { Telemetry } from '../../core/telemetry/telemetry.js';
import { BodyMemory } from './body-memory.js';

const KB = 1024;

describe('BodyMemory', () => {
  let memory: BodyMemory;

  beforeEach(() => {
    memory = new BodyMemory(new Telemetry());
    memory.limitBytes = 1_000 * KB;
  });

  function callOf(projectId: string): CallContext {
    const call = new CallContext({ id: 'req_1', surface: 'native', receivedAt: 0 });
    call.authenticate({ keyId: 'k', projectId, scopes: [], ...UNLIMITED });
    return call;
  }

  function hold(bytes: number, project = 'a'): CallContext {
    const call = callOf(project);
    memory.hold(call, bytes);
    return call;
  }

  it('counts large bodies until their calls are over', () => {
    hold(64 * KB);
    const call = hold(500 * KB);
    memory.hold(call, 600 * KB);
    memory.hold(call, 100 * KB);
    expect(memory.totalBytes).toBe(600 * KB);
    call.finish();
    expect(memory.totalBytes).toBe(0);
  });

  it('refuses what would be too much, and nothing of it is counted', () => {
    const first = hold(600 * KB);
    expect(() => hold(500 * KB)).toThrow(expect.objectContaining({ code: 'overloaded', retryAfterMs: 1_000 }));
    const growing = hold(100 * KB);
    expect(() => {
      memory.hold(growing, 500 * KB);
    }).toThrow(expect.objectContaining({ code: 'overloaded' }));
    expect(memory.totalBytes).toBe(700 * KB);
    first.finish();
    growing.finish();
    expect(memory.totalBytes).toBe(0);
  });

  it('takes any body when there is no other', () => {
    hold(5_000 * KB).finish();
    expect(memory.totalBytes).toBe(0);
  });

  it('has some more room for a project that has nothing of it', () => {
    hold(900 * KB);
    expect(() => hold(200 * KB)).toThrow('memory');
    const other = hold(200 * KB, 'b');
    expect(() => hold(200 * KB, 'b')).toThrow('memory');
    other.finish();
    hold(200 * KB, 'c');
  });
});
