import fc from 'fast-check';
import type { Operation } from '../../support/openapi/api-document.js';
import type { ApiRequest } from '../../support/openapi/arbitrary-requests.js';
import { mutated } from '../../support/openapi/mutate-request.js';
import { type FuzzAnswer, type FuzzWorld, MODELS_MISTAKES } from './fuzz-world.js';
import { labelValues } from './label-values.js';

const MOST_NEW_LABEL_VALUES = 50;
const SHOWN_CHARACTERS = 1_500;

export interface FuzzRun {
  seed: number;
  perOperation: number;
}

/** What these need depends on other fields, or on what there is, which no class of fields can say. */
const NEEDS_MORE = new Set([
  ...['POST /v1/batches', 'PATCH /v1/conversations/{id}', 'POST /v1/conversations/{id}'],
  // There is no such file here.
  'POST /admin/catalog',
]);

/** Sends requests that the document calls valid; what was wrong with the answers, or refused as not valid. */
export async function runValid(world: FuzzWorld, run: FuzzRun): Promise<string[]> {
  const problems: string[] = [];
  for (const operation of world.operations) {
    for (const request of fc.sample(world.requests.of(operation), { seed: run.seed, numRuns: run.perOperation })) {
      const answer = await world.send(operation, request);
      const found = [...answer.problems, ...refusalOf(operation, answer)];
      problems.push(...found.map((problem) => told(operation, request, problem)));
    }
  }
  return problems;
}

function refusalOf(operation: Operation, { status, text }: FuzzAnswer): string[] {
  if (![400, 415, 422].includes(status) || MODELS_MISTAKES.test(text)) return [];
  return NEEDS_MORE.has(operation.name)
    ? []
    : [`The document calls it valid, and it is refused: ${text.slice(0, 400)}`];
}

/** Sends requests with something wrong; all that was wrong with the answers and with what came of them. */
export async function runFuzz(world: FuzzWorld, run: FuzzRun): Promise<string[]> {
  const traps = { urls: world.canaries.map(({ origin }) => `${origin}/a`) };
  const before = labelValues(await scrape(world));
  const problems: string[] = [];
  for (const operation of world.operations) {
    const requests = mutated(world.requests.of(operation), traps);
    for (const request of fc.sample(requests, { seed: run.seed, numRuns: run.perOperation })) {
      const answer = await world.send(operation, request);
      problems.push(...answer.problems.map((problem) => told(operation, request, problem)));
      if ('polluted' in {}) problems.push(told(operation, request, 'It changed the prototype of all objects.'));
    }
  }
  const added = [...labelValues(await scrape(world))].filter((value) => !before.has(value));
  if (added.length > MOST_NEW_LABEL_VALUES) problems.push(`Metrics have many new labels: ${added.join(' ')}`);
  return problems;
}

async function scrape(world: FuzzWorld): Promise<string> {
  return (await world.app.get('/metrics')).text();
}

function told(operation: Operation, request: ApiRequest, problem: string): string {
  return `${operation.name}: ${problem} FOR ${JSON.stringify(request)}`.slice(0, SHOWN_CHARACTERS);
}
