import { ApiClient } from '../support/api-client.js';
import { startOwnServer, type ServerHandle } from '../support/own-server.js';
import { type EvaluationOptions, readCommandLine, USAGE } from './command-line.js';
import { findCollections } from './find-collections.js';
import { type CollectionReport, measureCollection } from './measure-collection.js';
import { findShortfalls } from './quality-floors.js';
import { renderTables } from './render-tables.js';
import { writePage } from './write-page.js';

/** Runs the evaluation that the command line asks for; resolves to the exit code. */
export async function main(): Promise<number> {
  const options = readCommandLine(process.argv.slice(2));
  if (!options) {
    process.stdout.write(USAGE);
    return 0;
  }
  const collections = await findCollections(options.data, options.split);
  const reports: CollectionReport[] = [];
  for (const databaseUrl of options.server ? [undefined] : options.databases) {
    const server = await openServer(options, databaseUrl);
    try {
      const api = new ApiClient(server.url, server.key);
      const database = databaseUrl === undefined ? 'embedded' : 'PostgreSQL';
      for (const data of collections) {
        const report = await measureCollection(api, data, {
          ...options,
          database: options.server?.url ?? database,
          say,
        });
        reports.push(report);
        process.stdout.write(`${renderTables([report])}\n`);
      }
    } finally {
      await server.stop();
    }
  }
  if (options.write !== undefined) await writePage(options.write, byCollection(reports, collections));
  const shortfalls = options.check ? reports.flatMap(findShortfalls) : [];
  for (const shortfall of shortfalls) say(shortfall);
  return shortfalls.length > 0 ? 1 : 0;
}

function openServer(options: EvaluationOptions, databaseUrl: string | undefined): Promise<ServerHandle> {
  if (!options.server) return startOwnServer({ databaseUrl });
  return Promise.resolve({ ...options.server, stop: () => Promise.resolve() });
}

function byCollection(reports: readonly CollectionReport[], order: readonly { name: string }[]): CollectionReport[] {
  return order.flatMap(({ name }) => reports.filter((report) => report.name === name));
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
