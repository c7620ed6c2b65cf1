import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { JsonValue } from '../../src/core/json.js';
import type { ScriptedReply } from '../fakes/scripted-reply.js';
import { schemaCases } from '../support/schema-cases.js';
import { seededRandom, soakSeed } from '../support/soak-seed.js';
import { STRUCTURED_TARGETS, StructuredWorld } from '../support/structured-world.js';
import type { TestApp } from '../support/test-app.js';

const SCHEMAS = 200;
const AT_ONCE = 16;
const seed = soakSeed();
const cases = schemaCases(seed, SCHEMAS);
const ajv = new Ajv2020({ strict: false, validateFormats: false, ownProperties: true });
const world = new StructuredWorld();
let app: TestApp;

beforeAll(async () => {
  app = await world.start();
});

afterAll(async () => {
  await app.close();
  await world.stop();
});

it(`${String(SCHEMAS)} schemas over every kind of target, each answered wrongly now and then: valid data, or where it is not`, async () => {
  const random = seededRandom(seed);
  world.answer(({ bodyText }) => replyTo(bodyText, random));
  const pending = cases.flatMap((one, n) => STRUCTURED_TARGETS.map((model) => ({ ...one, n, model })));
  const counts: Record<string, number> = {};
  const work = async (): Promise<void> => {
    for (let one = pending.pop(); one; one = pending.pop()) {
      const { n, model, schema } = one;
      const response = await app.post('/v1/extract', {
        model,
        input: `case ${String(n)} of it`,
        schema,
        max_repairs: 2,
      });
      const body = (await response.json()) as {
        data?: JsonValue;
        error?: { code: string; message: string; reason: string; details: unknown[] };
      };
      const where = { seed, n, model, status: response.status, code: body.error?.code, message: body.error?.message };
      if (response.status === 200) {
        // Half of a number may be one, too. The copy is of this realm, whose objects the validator can compare.
        const isValid = ajv.compile(schema)(JSON.parse(JSON.stringify(body.data)));
        expect({ ...where, isValid }).toEqual({ ...where, isValid: true });
      } else {
        const places = body.error?.details.length;
        expect({ ...where, places }).toEqual({ ...where, status: 422, places: expect.any(Number) });
      }
      const outcome = body.error?.reason ?? 'valid';
      counts[outcome] = (counts[outcome] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  process.stdout.write(`${JSON.stringify(counts)}\n`);
  expect(counts.valid).toBeGreaterThan(SCHEMAS * STRUCTURED_TARGETS.length * 0.5);
  expect(counts.schema_mismatch).toBeGreaterThan(0);
});

function replyTo(bodyText: string, random: () => number): ScriptedReply {
  const one = cases[Number(/case (\d+) of it/.exec(bodyText)?.[1])];
  if (!one) throw new Error('A request of no case.');
  const { right, wrong } = one;
  const good = JSON.stringify(right);
  const choice = random();
  if (choice < 0.5) return { text: good };
  if (choice < 0.8) return { text: JSON.stringify(wrong) };
  if (choice < 0.85) return { text: 'I would rather not say.' };
  if (choice < 0.9) return { text: '{"', finishReason: 'length' };
  if (choice < 0.95) return { refusal: 'No.' };
  return { text: good.slice(0, Math.floor(good.length / 2)) };
}
