import { afterAll, describe, expect, it } from '@jest/globals';
import { SystemClock } from '../../core/clock.js';
import { type StructuredOutcome, Telemetry } from '../../core/telemetry/telemetry.js';
import type { JsonObject } from '../../core/json.js';
import { SchemaChecker } from './schema-checker.service.js';
import type { JsonCheck } from './worker/messages.js';

class CountingTelemetry extends Telemetry {
  readonly outcomes: StructuredOutcome[] = [];

  override structuredChecked({ outcome }: { outcome: StructuredOutcome }): void {
    this.outcomes.push(outcome);
  }
}

const ASKER = { projectId: 'proj_1', feature: 'chat' } as const;

describe(SchemaChecker.name, () => {
  const telemetry = new CountingTelemetry();
  const checker = new SchemaChecker(new SystemClock(), telemetry);

  afterAll(async () => {
    await checker.onApplicationShutdown();
  });

  it('tells valid, invalid and useless apart', async () => {
    const schema = { type: 'object', properties: { a: { type: 'integer' } }, required: ['a'] };
    expect(await checker.check(schema, '{"a":1}', ASKER)).toEqual({ kind: 'valid' });
    expect(await checker.check(schema, '{"a":"1"}', ASKER)).toEqual({
      kind: 'invalid',
      problems: [{ path: 'data.a', message: 'must be integer' }],
    });
    expect(await checker.tryOut({ type: 'object', properties: { a: { minimum: '1' } } }, 'proj_1')).toEqual({
      kind: 'unusable',
      problems: [{ path: 'schema.properties.a.minimum', message: 'must be number' }],
    });
    expect(telemetry.outcomes).toEqual(['valid', 'invalid']);
  });

  it('C16 C19 gives up what takes too long, at once when it comes again, and goes on with others', async () => {
    const levels = 40;
    const $defs = Object.fromEntries(
      Array.from({ length: levels }, (_, n) => [
        `a${String(n)}`,
        n + 1 < levels ? { allOf: Array(2).fill({ $ref: `#/$defs/a${String(n + 1)}` }) } : { type: 'object' },
      ]),
    );
    const explosive = { $defs, $ref: '#/$defs/a0' } as unknown as JsonObject;
    const [first, other] = await Promise.all([
      checker.tryOut(explosive, 'proj_1'),
      checker.check({ type: 'string' }, '"a"', ASKER),
    ]);
    expect(first).toMatchObject({ kind: 'unusable', problems: [{ path: 'schema' }] });
    expect(other).toEqual({ kind: 'valid' });
    expect(await checker.check(explosive, '{}', ASKER)).toEqual(first);
  });

  it('C19 blames a text that takes too long, and no schema that others use', async () => {
    const schema = { type: 'array', uniqueItems: true };
    const text = JSON.stringify(Array.from({ length: 120_000 }, (_, n) => ({ n })));
    expect(await checker.check(schema, text, ASKER)).toMatchObject({ kind: 'invalid', problems: [{ path: 'data' }] });
    expect(await checker.check(schema, '[1,2]', ASKER)).toEqual({ kind: 'valid' });
  });

  it('takes no more when too many wait', async () => {
    const ask = (count: number, projectId: string): Promise<JsonCheck>[] =>
      Array.from({ length: count }, () => checker.check({}, '1', { projectId, feature: null }));
    const settled = await Promise.all(
      [80, 80, 80, 80, 80].map((count, index) => Promise.allSettled(ask(count, `proj_${String(index)}`))),
    );
    const served = settled.map((all) => all.filter(({ status }) => status === 'fulfilled').length);
    // The very first one is served, and waits no more. What the project of the last has left is less than its share.
    expect(served).toEqual([65, 64, 64, 63, 0]);
    expect(settled[4]?.[0]).toMatchObject({ reason: { code: 'overloaded' } });
  });

  it('lets whoever waits go when the server stops', async () => {
    const stopped = new SchemaChecker(new SystemClock(), telemetry);
    const waiting = stopped.check({}, '1', ASKER).catch((error: unknown) => error);
    await stopped.onApplicationShutdown();
    await waiting;
    await expect(stopped.check({}, '1', ASKER)).rejects.toMatchObject({ code: 'overloaded' });
  });
});
