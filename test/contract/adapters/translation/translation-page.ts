import type { ClientDialect } from './client-dialects.js';
import type { Verdict } from './judge.js';
import { KNOWN_LOSSES } from './known-losses.js';
import type { Translation } from './translate.js';
import type { TranslationTarget } from './translation-targets.js';

/** What became of a dialect's requests at one target, by what they ask for. */
export interface TranslationTable {
  readonly dialect: ClientDialect;
  readonly target: TranslationTarget;
  readonly rows: Readonly<Record<string, Translation & { readonly verdict: Verdict }>>;
}

export const TRANSLATION_PAGE = new URL('../../../../docs/translation.md', import.meta.url);

const SIGNS: Readonly<Record<Verdict, readonly [sign: string, meaning: string]>> = {
  unchanged: ['=', "as the client wrote it, but for the model's name, the mode and what is the gateway's own"],
  carried: ['✓', 'in its own words'],
  changed: ['≈', 'in another form, or with something else changed for it: the note says how'],
  lost: ['–', 'not, or not all of it: the note says what, and without a note the vendor has nothing like it'],
  silent: ['·', 'not, and no warning says so: [the end of the page](#without-a-warning) says why'],
  refused: ['✗', 'not, because the request is refused with the message of the note'],
};
/** Said of whatever a vendor has not: the sign alone says as much. */
const HAS_NONE = /^The parameter `.*` was (?:dropped|ignored): .* none like it\.$/;

const HEAD = `# What is carried between dialects

Whatever API a client speaks, any model may answer it. This page says for each pair what becomes of what a client asks for. It is
not written by hand: for each line a request with that one thing in it goes through the gateway
(\`test/fixtures/translation/requests\`), and the sign tells what the provider would get. \`npm run docs:translation\` makes the
page anew; a test fails while it is not what the code does.

${table([['sign', 'the provider gets it'], ...Object.values(SIGNS)])}

The notes are warnings, which come with the answer in the header \`x-trunkline-warnings\`. A column stands for one model of the
present generation; Azure is like OpenAI, and Vertex AI like Gemini. Older and newer models differ where their vendors do, and the
warnings then say so. Images and documents by URL are fetched by the gateway for vendors that would not fetch them. Servers that
are said to have more than chat completions get requests of the Responses and of the older completions as they came.

Answers lose nothing that a dialect has a place for: text, refusals, thoughts, calls, usage and why the answer ended. What a
provider of the same dialect sends besides is relayed as it came. Numbers that a double would round keep their digits in requests,
in the arguments of calls and in answers.
`;

/** The page. */
export function renderTranslationPage(tables: readonly TranslationTable[]): string {
  const dialects = [...new Set(tables.map(({ dialect }) => dialect))];
  const sections = dialects.map((dialect) =>
    renderDialect(
      dialect,
      tables.filter((table) => table.dialect === dialect),
    ),
  );
  return [HEAD, ...sections, renderKnownLosses()].join('\n');
}

function renderDialect({ title, route }: ClientDialect, tables: readonly TranslationTable[]): string {
  const notes = new Notes();
  const features = Object.keys(tables[0]?.rows ?? {});
  const lines = features.map((feature) => [feature, ...tables.map(({ rows }) => cell(rows[feature], notes))]);
  const heads = ['', ...tables.map(({ target }) => target.title)];
  return `## From ${title}: \`${route}\`\n\n${table([heads, ...lines])}\n\n${notes.render()}\n`;
}

function cell(row: TranslationTable['rows'][string] | undefined, notes: Notes): string {
  if (!row) return '';
  const texts = [...row.warnings, ...(row.refusal === null ? [] : [row.refusal])];
  const numbers = texts.filter((text) => !HAS_NONE.test(text)).map((text) => notes.numberOf(text));
  return [SIGNS[row.verdict][0], ...numbers.map(String)].join(' ');
}

// As prettier puts tables.
function table([heads = [], ...lines]: readonly (readonly string[])[]): string {
  const widths = heads.map((head, column) =>
    Math.max(3, head.length, ...lines.map((line) => (line[column] ?? '').length)),
  );
  const row = (cells: readonly string[]): string =>
    `| ${cells.map((text, column) => text.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [row(heads), row(widths.map((width) => '-'.repeat(width))), ...lines.map(row)].join('\n');
}

function renderKnownLosses(): string {
  const lines = KNOWN_LOSSES.map(({ from, to, features, why }) => {
    const where = [from && `from ${from.join(', ')}`, to && `to ${to.join(', ')}`].filter((each) => each !== undefined);
    return `- ${where.length > 0 ? `${where.join(', ')}: ` : ''}_${features.join(', ')}_. ${why}`;
  });
  return `## Without a warning\n\n${lines.join('\n')}\n`;
}

/** Texts by numbers, each once. */
class Notes {
  readonly #texts: string[] = [];

  numberOf(text: string): number {
    const at = this.#texts.indexOf(text);
    return at === -1 ? this.#texts.push(text) : at + 1;
  }

  render(): string {
    return this.#texts.map((text, index) => `${String(index + 1)}. ${text}`).join('\n');
  }
}
