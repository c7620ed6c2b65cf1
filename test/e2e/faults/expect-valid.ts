import { openAiSchemaCheck } from '../../support/openai-schemas.js';
import { type Answer, type ClientDialect, dataLines } from './answer.js';

type Check = (value: unknown) => void;

const checkCompletion = openAiSchemaCheck('CreateCompletionResponse');

/** What a body and what an event have to be, where that is written down. */
const CHECKS: Readonly<Partial<Record<ClientDialect, { body: Check; event: Check }>>> = {
  'openai-chat': {
    body: openAiSchemaCheck('CreateChatCompletionResponse'),
    event: openAiSchemaCheck('CreateChatCompletionStreamResponse'),
  },
  'openai-completions': {
    body: checkCompletion,
    event: checkCompletionChunk,
  },
  'openai-responses': { body: openAiSchemaCheck('Response'), event: openAiSchemaCheck('ResponseStreamEvent') },
};

/** Every object of an answer with status 200 is one by OpenAI's schemas; error frames are not in them. */
export function expectValid({ dialect, headers, wire }: Answer): void {
  const checks = CHECKS[dialect];
  if (!checks) return;
  if (headers.get('content-type')?.startsWith('text/event-stream') !== true) {
    checks.body(JSON.parse(wire));
    return;
  }
  const events = dataLines(wire)
    .filter((data) => data.startsWith('{'))
    .map((data) => JSON.parse(data) as { sequence_number?: number; error?: unknown });
  for (const event of events) if (!('error' in event)) checks.event(event);
  if (dialect !== 'openai-responses') return;
  const numbers = events.map((event) => event.sequence_number);
  if (numbers.some((number, index) => number !== index)) throw new Error(`The events are numbered ${numbers.join()}.`);
}

// There is no schema of its own for chunks: OpenAI's have no reason until they end, which that of the whole demands.
function checkCompletionChunk(value: unknown): void {
  const chunk = value as { choices: { finish_reason: string | null }[] };
  const choices = chunk.choices.map((choice) => ({ ...choice, finish_reason: choice.finish_reason ?? 'stop' }));
  checkCompletion({ ...chunk, choices });
}
