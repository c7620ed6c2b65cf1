/**
 * Entry of a process: a provider that answers every chat with the same text, so many milliseconds (its parameter) after the
 * request has come. Tells its parent the port.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const delayMs = Number(process.argv[2]);
const ANSWER = JSON.stringify({
  id: 'chatcmpl-slow',
  object: 'chat.completion',
  created: 1_780_000_000,
  model: 'chat',
  choices: [{ index: 0, message: { role: 'assistant', content: 'Yes.' }, finish_reason: 'stop', logprobs: null }],
  usage: { prompt_tokens: 8, completion_tokens: 2, total_tokens: 10 },
});
const HEADERS = { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(ANSWER)) };

const server = createServer((request, response) => {
  request.resume();
  setTimeout(() => response.writeHead(200, HEADERS).end(ANSWER), delayMs);
});
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }));
process.on('disconnect', () => process.exit());
