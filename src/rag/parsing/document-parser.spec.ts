import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { afterEach, describe, expect, it } from '@jest/globals';
import {
  deflatedRepeat,
  dishonestArchives,
  docxBillionLaughs,
  docxWithEntity,
  docxWithLink,
  pdfBomb,
  pdfEncrypted,
  pdfFontMatrix,
  pdfLoop,
  pdfOfOneGlyph,
  pdfOfPages,
  pdfWithActions,
  pdfXrefLoop,
} from '../../../test/support/hostile-files.js';
import { SystemClock } from '../../core/clock.js';
import type { FormatHint } from './child/messages.js';
import { childFlags } from './child/start-child.js';
import { DocumentParser } from './document-parser.js';
import type { ParsedDocument } from './parsed-document.js';
import { ParserSettings } from './parser-settings.js';

const never = new AbortController().signal;
const parsers: DocumentParser[] = [];

function createParser(settings: Partial<ParserSettings> = {}): DocumentParser {
  const parser = new DocumentParser(new ParserSettings({ maxProcesses: 1, ...settings }), new SystemClock());
  parsers.push(parser);
  return parser;
}

async function* piecesOf(bytes: Buffer): AsyncGenerator<Uint8Array> {
  for (let from = 0; from < bytes.length; from += 65_536) {
    yield await Promise.resolve(bytes.subarray(from, from + 65_536));
  }
}

function read(
  parser: DocumentParser,
  bytes: Buffer | string,
  format: FormatHint,
  signal = never,
): Promise<ParsedDocument> {
  return parser.parse(piecesOf(Buffer.from(bytes as string)), { format }, signal);
}

/** Pieces that say when they are asked for, and come when they are let. */
function heldPieces(): { pieces: AsyncGenerator<Uint8Array>; asked: Promise<null>; let: () => void } {
  const asked = Promise.withResolvers<null>();
  const open = Promise.withResolvers<null>();
  async function* generate(): AsyncGenerator<Uint8Array> {
    asked.resolve(null);
    await open.promise;
    yield Buffer.from('held text');
  }
  const letCome = (): void => {
    open.resolve(null);
  };
  return { pieces: generate(), asked: asked.promise, let: letCome };
}

afterEach(() => {
  for (const parser of parsers.splice(0)) parser.onApplicationShutdown();
});

describe('DocumentParser', () => {
  it('reads one document after the other in the same process', async () => {
    const parser = createParser();
    const text = 'Zeile äöü 🙂\n'.repeat(300_000);
    expect((await read(parser, text, 'text')).text).toBe(text);
    const [id] = parser.processIds;
    expect(await read(parser, '# T\n\nx', 'markdown')).toEqual({
      text: '# T\n\nx',
      format: 'markdown',
      title: 'T',
      pages: null,
    });
    await expect(read(parser, '{"a":', 'json')).rejects.toMatchObject({ code: 'document_parse_failed' });
    expect((await read(parser, '{"a":1}', 'json')).text).toBe('a: 1');
    expect(parser.processIds).toEqual([id]);
  });

  it('reads as many at a time as it may, the others in their turn', async () => {
    const parser = createParser();
    const held = heldPieces();
    const first = parser.parse(held.pieces, { format: 'text' }, never);
    await held.asked;
    const order: string[] = [];
    const others = ['b', 'c'].map((text) => read(parser, text, 'text').then((document) => order.push(document.text)));
    const leaving = new AbortController();
    const gone = read(parser, 'gone', 'text', leaving.signal);
    leaving.abort(new Error('left the queue'));
    await expect(gone).rejects.toThrow('left the queue');
    expect(parser.processIds).toHaveLength(1);
    held.let();
    expect((await first).text).toBe('held text');
    await Promise.all(others);
    expect(order).toEqual(['b', 'c']);
  });

  it('gives up a document whose job is over, and its process with it', async () => {
    const parser = createParser();
    const leaving = new AbortController();
    const held = heldPieces();
    const reading = parser.parse(held.pieces, { format: 'text' }, leaving.signal);
    await held.asked;
    const [id] = parser.processIds;
    leaving.abort(new Error('cancelled'));
    held.let();
    await expect(reading).rejects.toThrow('cancelled');
    expect(parser.processIds).not.toContain(id);
    expect((await read(parser, 'next', 'text')).text).toBe('next');
  });

  it('says what the source failed with, and does not mix its pieces into the next document', async () => {
    const parser = createParser();
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield await Promise.resolve(Buffer.from('half'));
      throw new Error('the database is away');
    }
    await expect(parser.parse(broken(), { format: 'text' }, never)).rejects.toThrow('the database is away');
    expect((await read(parser, 'whole', 'text')).text).toBe('whole');
  });

  it('does not blame a document for a process that somebody ended', async () => {
    const parser = createParser();
    const held = heldPieces();
    const reading = parser.parse(held.pieces, { format: 'text' }, never);
    await held.asked;
    process.kill(parser.processIds[0] ?? 0, 'SIGKILL');
    held.let();
    await expect(reading).rejects.toMatchObject({ name: 'Error', message: expect.stringContaining('SIGKILL') });
    expect((await read(parser, 'next', 'text')).text).toBe('next');
  });

  it('replaces a process after so many documents, and ends it after so long without any', async () => {
    const parser = createParser({ maxDocuments: 2, idleMs: 1 });
    await read(parser, 'a', 'text');
    const [first] = parser.processIds;
    if (first === undefined) throw new Error('There is no process.');
    while (existsSync(`/proc/${String(first)}/stat`) && parser.processIds.length > 0) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(parser.processIds).toEqual([]);
    const busy = createParser({ maxDocuments: 2 });
    await read(busy, 'a', 'text');
    const [second] = busy.processIds;
    await read(busy, 'b', 'text');
    await read(busy, 'c', 'text');
    expect(busy.processIds).toHaveLength(1);
    expect(busy.processIds).not.toContain(second);
  });
});

describe('documents made to do harm', () => {
  // Shared: what one of them does to the process must do nothing to the next.
  const parser = new DocumentParser(
    new ParserSettings({ maxProcesses: 2, maxRssBytes: 300 * 1024 ** 2, timeoutMs: 20_000 }),
    new SystemClock(),
  );

  it.each<[string, () => Buffer, FormatHint, string]>([
    ['a PDF that unpacks to gigabytes (PDF-1)', () => pdfBomb(4_000), 'pdf', 'memory'],
    ['a PDF of too many pages (PDF-2)', () => pdfOfPages(20_000), 'pdf', '20000 pages'],
    ['a PDF whose pages are their own parents (PDF-3)', pdfLoop, 'pdf', 'damaged'],
    ['an encrypted PDF (PDF-4)', pdfEncrypted, 'pdf', 'encrypted'],
    ['a truncated PDF (PDF-5)', () => pdfFontMatrix().subarray(0, 700), 'pdf', 'cut off'],
    ['a Word document with a DTD (DOCX-2)', () => docxWithEntity('file:///etc/passwd'), 'docx', 'entities'],
    ['a Word document of laughs (DOCX-3)', docxBillionLaughs, 'docx', 'entities'],
    ...Object.entries(dishonestArchives()).map<[string, () => Buffer, FormatHint, string]>(([name, make]) => [
      `an archive with ${name}`,
      make,
      'docx',
      '',
    ]),
  ])('%s fails with a reason (R05, R06)', async (_name, make, format, reason) => {
    await expect(read(parser, make(), format)).rejects.toMatchObject({
      name: 'DocumentParseError',
      code: 'document_parse_failed',
      message: expect.stringContaining(reason),
    });
  });

  it.each<[string, () => Buffer, FormatHint, string]>([
    ['trailers that name themselves (PDF-3)', pdfXrefLoop, 'pdf', 'looped'],
    ['scripts and programs to start (PDF-6)', () => pdfWithActions('http://127.0.0.1:9/'), 'pdf', 'Harmless text'],
    ['code in the matrix of a font (PDF-7)', pdfFontMatrix, 'pdf', 'Matrix text'],
    ['a link to a file (DOCX-1)', () => docxWithLink('file:///etc/passwd'), 'docx', 'Before the picture.'],
    ['a link to a device (DOCX-1)', () => docxWithLink('/dev/zero'), 'docx', 'Before the picture.'],
  ])('of one with %s only the text is read', async (_name, make, format, text) => {
    expect((await read(parser, make(), format)).text).toBe(text);
  });

  it('O18 gives a document up that takes too long, and goes on with a new process', async () => {
    const hurried = createParser({ timeoutMs: 1_000 });
    await expect(read(hurried, pdfOfOneGlyph(60), 'pdf')).rejects.toMatchObject({
      code: 'document_parse_failed',
      message: expect.stringContaining('longer than 1 seconds'),
    });
    const slow = `${'<div>'.repeat(9_000)}${'</p>'.repeat(1_000_000)}`;
    await expect(read(hurried, slow, 'html')).rejects.toMatchObject({ code: 'document_too_complex' });
    expect((await read(hurried, 'next', 'text')).text).toBe('next');
  });

  it('O18 gives a document up that fills the heap', async () => {
    const small = createParser({ maxHeapBytes: 60 * 1024 ** 2 });
    await expect(read(small, `[${'{"a":1},'.repeat(2_000_000)}{}]`, 'json')).rejects.toMatchObject({
      code: 'document_too_complex',
      message: expect.stringContaining('memory'),
    });
  });

  it('leaves this process its memory', () => {
    expect(deflatedRepeat(' ', 1_000).length).toBeLessThan(3_000_000);
    parser.onApplicationShutdown();
    expect(parser.processIds).toEqual([]);
  });
});

describe('the process that reads documents', () => {
  const run = (code: string): string => {
    const result = spawnSync(process.execPath, [...childFlags(new ParserSettings()), '-e', code], { env: {} });
    return `${result.stdout.toString()}${result.stderr.toString()}`;
  };

  it('can read no file, start no program and make no code', () => {
    const output = run(`
      const attempt = (name, act) => { try { act(); console.log(name + ' worked'); } catch (e) { console.log(name + ' ' + (e.code ?? e.name)); } };
      attempt('passwd', () => require('node:fs').readFileSync('/etc/passwd'));
      attempt('environment file', () => require('node:fs').readFileSync(${JSON.stringify(process.cwd())} + '/.env'));
      attempt('write', () => require('node:fs').writeFileSync('/tmp/trunkline-parser', ''));
      attempt('program', () => require('node:child_process').spawnSync('/bin/true'));
      attempt('code', () => new Function('return 1')());
      console.log('variables ' + Object.keys(process.env).length);`);
    expect(output).not.toContain('worked');
    for (const name of ['passwd', 'environment file', 'write', 'program']) {
      expect(output).toContain(`${name} ERR_ACCESS_DENIED`);
    }
    expect(output).toContain('code EvalError');
    expect(output).toContain('variables 0');
  });

  it('has no network', () => {
    const doors = new URL('./child/close-doors.ts', import.meta.url).href;
    const output = run(`
      import(${JSON.stringify(doors)}).then(({ closeDoors }) => {
        closeDoors();
        console.log('fetch ' + typeof fetch);
        try { require('node:net').connect(9, '127.0.0.1'); console.log('socket worked'); } catch (e) { console.log(e.message); }
        try { require('node:dgram').createSocket('udp4').send('x', 9, '127.0.0.1'); console.log('datagrams worked'); } catch (e) { console.log(e.message); }
        const dns = require('node:dns');
        for (const ask of [
          () => dns.lookup('localhost', () => {}), () => dns.resolve4('localhost', () => {}), () => dns.promises.resolveTxt('localhost'),
          () => new dns.Resolver().resolve('localhost', () => {}), () => new dns.promises.Resolver().resolve4('localhost'),
        ]) {
          try { ask(); console.log('names worked'); } catch (e) { console.log(e.message); }
        }
      });`);
    expect(output).not.toContain('worked');
    expect(output).toContain('fetch undefined');
    expect(output.match(/Documents have no network/g)).toHaveLength(7);
  });
});
