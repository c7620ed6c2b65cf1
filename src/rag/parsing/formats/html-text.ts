import type { Handler } from 'htmlparser2';
import { DocumentParseError } from '../document-parse-error.js';
import { BlockWriter, type TextTarget } from './block-writer.js';
import { HtmlTable } from './html-tables.js';
import { toTitle } from './markdown-title.js';

const NEVER_SHOWN = wordSet(
  'head title script style noscript template iframe object embed audio video canvas svg math map select datalist textarea button input dialog',
);
const AROUND_THE_CONTENT = wordSet('nav footer menu');
const BLOCKS = wordSet(
  'p div section article main header footer aside nav address blockquote figure figcaption ul ol dl dt dd form fieldset details summary body hr center caption thead tbody tfoot menu',
);
const TABLE_PARTS = wordSet('table tr td th');
const HEADING = /^h([1-6])$/;
const MAX_DEPTH = 10_000;
// Beyond this a table is there for its layout, and text that is copied from cell to cell only costs time.
const MAX_TABLE_DEPTH = 8;

/** Turns the tags of a page into text in Markdown's form. Throws `document_too_complex` for pages nested too deeply. */
export class HtmlText implements Partial<Handler> {
  readonly #document: BlockWriter;
  readonly #isWhole: boolean;
  #writer: BlockWriter;
  /** Tables that are open, each with the writer of what is around it. */
  readonly #tables: { table: HtmlTable; outer: BlockWriter }[] = [];
  readonly #lists: { isOrdered: boolean; count: number }[] = [];
  #depth = 0;
  /** Depth of the outermost tag whose content is left out. */
  #hiddenAt: number | null = null;
  #pre: string[] | null = null;
  #title: string[] | null = null;
  #pageTitle: string | null = null;
  #heading: string[] | null = null;
  #firstHeading: string | null = null;

  /** With `isWhole` also what is around the content of a page: its navigation and its footer. */
  constructor(target: TextTarget, isWhole: boolean) {
    this.#document = new BlockWriter(target);
    this.#writer = this.#document;
    this.#isWhole = isWhole;
  }

  /** The page's title, else its first heading of the first level. */
  get title(): string | null {
    return toTitle(this.#pageTitle) ?? toTitle(this.#firstHeading);
  }

  onopentag(name: string, attributes: Readonly<Record<string, string>>): void {
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) {
      throw new DocumentParseError('document_too_complex', `The page is nested deeper than ${String(MAX_DEPTH)} tags.`);
    }
    if (name === 'title' && this.#pageTitle === null) this.#title = [];
    if (this.#hiddenAt !== null) return;
    if (this.#isHidden(name, attributes)) this.#hiddenAt = this.#depth;
    else this.#open(name, attributes);
  }

  ontext(data: string): void {
    if (this.#title) this.#title.push(data);
    if (this.#hiddenAt !== null) return;
    if (this.#pre) this.#pre.push(data);
    else this.#writer.text(data);
    this.#heading?.push(data);
  }

  onclosetag(name: string): void {
    if (name === 'title' && this.#title) {
      this.#pageTitle = this.#title.join('');
      this.#title = null;
    }
    const isVisible = this.#hiddenAt === null;
    if (this.#hiddenAt === this.#depth) this.#hiddenAt = null;
    this.#depth -= 1;
    if (isVisible) this.#close(name);
  }

  onend(): void {
    if (this.#pre) this.#endPre();
    while (this.#tables.length > 0) this.#endTable();
  }

  #isHidden(name: string, attributes: Readonly<Record<string, string>>): boolean {
    if (NEVER_SHOWN.has(name)) return true;
    if (!this.#isWhole && (AROUND_THE_CONTENT.has(name) || attributes.role === 'navigation')) return true;
    if (attributes.hidden !== undefined || attributes['aria-hidden'] === 'true') return true;
    return /display\s*:\s*none|visibility\s*:\s*hidden/i.test(attributes.style ?? '');
  }

  #open(name: string, attributes: Readonly<Record<string, string>>): void {
    const level = HEADING.exec(name)?.[1];
    if (level !== undefined) this.#openHeading(Number(level));
    else if (name === 'br') this.#lineBreak();
    else if (name === 'pre') this.#openPre();
    else if (name === 'img') this.ontext(attributes.alt ?? '');
    else if (name === 'li') this.#openItem();
    else if (TABLE_PARTS.has(name)) this.#openTablePart(name);
    else if (BLOCKS.has(name)) this.#openBlock(name);
  }

  #close(name: string): void {
    if (HEADING.test(name)) this.#closeHeading();
    else if (name === 'pre' && this.#pre) this.#endPre();
    else if (name === 'li') this.#closeItem();
    else if (name === 'table') this.#endTable();
    else if (name === 'td' || name === 'th') this.#writer = this.#tables.at(-1)?.outer ?? this.#document;
    else if (BLOCKS.has(name)) this.#closeBlock(name);
  }

  #openBlock(name: string): void {
    if (this.#pre) return;
    if (name === 'ul' || name === 'ol' || name === 'menu') {
      this.#writer.break(this.#lists.length > 0 ? 1 : 2);
      this.#lists.push({ isOrdered: name === 'ol', count: 0 });
    } else this.#writer.break(this.#lists.length > 0 ? 1 : 2);
  }

  #closeBlock(name: string): void {
    if (this.#pre) return;
    if (name === 'ul' || name === 'ol' || name === 'menu') this.#lists.pop();
    this.#writer.break(this.#lists.length > 0 ? 1 : 2);
  }

  #openHeading(level: number): void {
    this.#writer.break(2);
    this.#writer.prefix(`${'#'.repeat(level)} `);
    if (level === 1 && this.#firstHeading === null) this.#heading = [];
  }

  #closeHeading(): void {
    if (this.#heading) this.#firstHeading = this.#heading.join('');
    this.#heading = null;
    this.#writer.endPrefix();
    this.#writer.break(2);
  }

  #lineBreak(): void {
    if (this.#pre) this.#pre.push('\n');
    else this.#writer.break(1);
  }

  #openItem(): void {
    const list = this.#lists.at(-1);
    const indent = '  '.repeat(Math.max(0, Math.min(this.#lists.length, 6) - 1));
    if (list) list.count += 1;
    this.#writer.break(1);
    this.#writer.prefix(`${indent}${list?.isOrdered ? `${String(list.count)}.` : '-'} `);
  }

  #closeItem(): void {
    this.#writer.endPrefix();
    this.#writer.break(1);
  }

  #openPre(): void {
    this.#writer.break(2);
    this.#pre ??= [];
  }

  #endPre(): void {
    const code = (this.#pre ?? []).join('').replace(/^\n+|\s+$/g, '');
    this.#pre = null;
    if (code.trim() !== '') this.#writer.verbatim(fenced(code));
    this.#writer.break(2);
  }

  #openTablePart(name: string): void {
    if (this.#pre) return;
    if (name === 'table' && this.#tables.length < MAX_TABLE_DEPTH) {
      this.#writer.break(2);
      this.#tables.push({ table: new HtmlTable(), outer: this.#writer });
    } else if (name === 'tr') this.#tables.at(-1)?.table.startRow();
    else if (name !== 'table') this.#writer = this.#tables.at(-1)?.table.startCell() ?? this.#writer;
  }

  #endTable(): void {
    const open = this.#tables.pop();
    if (!open) return;
    this.#writer = open.outer;
    open.table.writeTo(this.#writer);
  }
}

function fenced(code: string): string {
  const longest = Math.max(2, ...(code.match(/`{3,}/g) ?? []).map((run) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}\n${code}\n${fence}`;
}

function wordSet(words: string): ReadonlySet<string> {
  return new Set(words.split(' '));
}
