import { parentPort } from 'node:worker_threads';
import { JsonChecker } from './json-checker.js';
import type { FromSchemaWorker, ToSchemaWorker } from './messages.js';

// What a thread runs: one check after another, each for as long as the parent lets it.
const checker = new JsonChecker();

function send(message: FromSchemaWorker): void {
  parentPort?.postMessage(message);
}

parentPort?.on('message', ({ schema, text }: ToSchemaWorker) => {
  send({ type: 'checked', check: checker.check(schema, text) });
});
send({ type: 'ready' });
