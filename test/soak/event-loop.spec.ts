import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { chatBody, OverloadBench } from '../support/overload-bench.js';

const MOST_MS = 200;
const CHAT = '/v1/chat/completions';
const bench = new OverloadBench();

beforeAll(async () => {
  await bench.open({});
  bench.provider.reply({ text: 'Yes.' }).forever();
  await bench.ask(CHAT, chatBody('Hello'));
  // The tables of the tokenizer are read when they are first needed, once in the life of a process.
  await bench.ask('/v1/messages/count_tokens', chatBody('Hello'));
});

afterAll(() => bench.close());

const words = 'some words are here. ';
const index = (content: string): string => JSON.stringify({ source: 'a', content });
const messages = (count: number): object[] =>
  Array.from({ length: count }, (_, n) => ({ role: 'user', content: `number ${String(n)}` }));

it.each<[string, string, () => string]>([
  ['10 MB of JSON in one text', CHAT, () => chatBody('a'.repeat(10_000_000))],
  ['10 MB of JSON that is no ASCII', CHAT, () => chatBody('é'.repeat(5_000_000))],
  ['10 MB of JSON with escapes', CHAT, () => chatBody('"'.repeat(5_000_000))],
  ['10 MB of empty lists', CHAT, () => chatBody('a', { x: '?' }).replace('"?"', `[${'[],'.repeat(3_300_000)}0]`)],
  ['as many names as are taken', CHAT, () => chatBody('a', { x: '?' }).replace('"?"', names(160_000))],
  ['as many objects as are taken', CHAT, () => chatBody('a', { x: '?' }).replace('"?"', objects(128_000))],
  ['as many texts as are taken', CHAT, () => chatBody('a', { x: '?' }).replace('"?"', texts(259_000))],
  [
    'as many numbers as are taken',
    CHAT,
    () => chatBody('a', { x: '?' }).replace('"?"', `[${'12345,'.repeat(1_290_000)}0]`),
  ],
  ['100,000 messages', CHAT, () => JSON.stringify({ model: 'lab/chat', messages: messages(100_000) })],
  ['390,000 exact numbers', CHAT, () => chatBody('a', { x: '?' }).replace('"?"', exactNumbers(390_000))],
  ['20,000 exact numbers', CHAT, () => chatBody('a', { x: '?' }).replace('"?"', exactNumbers(19_000))],
  ['60,000 messages', CHAT, () => JSON.stringify({ model: 'lab/chat', messages: messages(60_000) })],
  [
    '10 MB to the native route',
    '/v1/chat',
    () => JSON.stringify({ model: 'lab/chat', message: 'a'.repeat(10_000_000) }),
  ],
  ['1 MB of one letter to be counted', '/v1/messages/count_tokens', () => chatBody('a'.repeat(1_000_000))],
  ['10 MB of words to be counted', '/v1/messages/count_tokens', () => chatBody(words.repeat(480_000))],
  ['2 MB of words to be read here', CHAT, () => chatBody(words.repeat(100_000), { model: 'local/extractive' })],
  ['2 MB of one letter to be indexed', '/v1/index', () => index('a'.repeat(2_000_000))],
  ['2 MB of brackets to be indexed', '/v1/index', () => index('[['.repeat(1_000_000))],
  ['2 MB of words to be indexed', '/v1/index', () => index(words.repeat(100_000))],
  ['2 MB of blanks to be indexed', '/v1/index', () => index(`${' '.repeat(2_000_000)}x`)],
])('O28 %s', async (name, path, body) => {
  const text = body();
  let status = 0;
  const ms = await bench.longestTurn(async () => {
    ({ status } = await bench.ask(path, text));
    // What was only taken in is worked on afterwards.
    await new Promise((resolve) => setTimeout(resolve, 1_500));
  });
  process.stdout.write(
    `${name}: status ${String(status)}, ${String(ms)} ms of processor time at most between two turns\n`,
  );
  expect([200, 202, 400, 413]).toContain(status);
  expect(ms).toBeLessThanOrEqual(MOST_MS);
});

it('O28 a batch of 10,000 lines', async () => {
  const line = (n: number): string =>
    JSON.stringify({
      custom_id: String(n),
      method: 'POST',
      url: CHAT,
      body: { model: 'lab/chat', messages: messages(1) },
    });
  const ms = await bench.longestTurn(async () => {
    const form = new FormData();
    form.set('purpose', 'batch');
    form.set('file', new Blob([Array.from({ length: 10_000 }, (_, n) => line(n)).join('\n')]), 'batch.jsonl');
    const { id } = (await (await bench.send('/v1/files', form)).json()) as { id: string };
    const batch = { input_file_id: id, endpoint: CHAT, completion_window: '24h' };
    expect(await bench.ask('/v1/batches', JSON.stringify(batch))).toMatchObject({ status: 200 });
    await bench.provider.waitForRequests(100);
  });
  process.stdout.write(`a batch of 10,000 lines: ${String(ms)} ms of processor time at most between two turns\n`);
  expect(ms).toBeLessThanOrEqual(MOST_MS);
});

function names(count: number): string {
  return JSON.stringify(Object.fromEntries(Array.from({ length: count }, (_, n) => [`name-${String(n)}`, 1])));
}

function objects(count: number): string {
  return `[${Array.from({ length: count }, (_, n) => `{"a${String(n)}":1}`).join()}]`;
}

function texts(count: number): string {
  return JSON.stringify(Array.from({ length: count }, (_, n) => `text-${String(n)}`));
}

function exactNumbers(count: number): string {
  return `[${'9007199254740993,'.repeat(count)}0]`;
}
