import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { parseExactJson } from '../../../../src/core/exact-json.js';
import { CLIENT_DIALECTS, type ClientDialect } from './client-dialects.js';
import { goldenFile, readCorpus } from './corpus.js';
import { judge, type Verdict } from './judge.js';
import { isKnownLoss } from './known-losses.js';
import { translate, type Translation } from './translate.js';
import { renderTranslationPage, TRANSLATION_PAGE, type TranslationTable } from './translation-page.js';
import { TARGETS, type TranslationTarget } from './translation-targets.js';

// What `npm run docs:translation` sets: the bodies and the page are written anew, for you to look at the difference.
const isWriting = process.env.TRUNKLINE_WRITE_TRANSLATION === '1';

type Row = Translation & { readonly verdict: Verdict };

async function translateAll(dialect: ClientDialect, target: TranslationTarget): Promise<Record<string, Row>> {
  const rows: Record<string, Row> = {};
  for (const { feature, body, without } of readCorpus(dialect)) {
    const sent = await translate(dialect, body, target);
    const sentWithout = await translate(dialect, without, target);
    rows[feature] = { verdict: judge({ feature, asked: body, sent, sentWithout }), ...sent };
  }
  return rows;
}

const tables: TranslationTable[] = [];

describe.each([...CLIENT_DIALECTS])('requests in $name', (dialect) => {
  it.each([...TARGETS])('reach $name as they did, and nothing is lost in silence', async (target) => {
    const rows = await translateAll(dialect, target);
    tables.push({ dialect, target, rows });
    const file = goldenFile(dialect.name, target.name);
    const text = render(rows);
    if (isWriting) {
      mkdirSync(new URL('.', file), { recursive: true });
      writeFileSync(file, text);
    }
    const golden = existsSync(file) ? readFileSync(file, 'utf8') : '{}';
    expect(readable(text)).toEqual(readable(golden));
    const silent = Object.entries(rows).filter(([, { verdict }]) => verdict === 'silent');
    expect(silent.map(([feature]) => feature).filter((feature) => !isKnownLoss(dialect, target, feature))).toEqual([]);
  });
});

describe('docs/translation.md', () => {
  it('says what the requests show', () => {
    const page = renderTranslationPage(tables);
    if (isWriting) writeFileSync(TRANSLATION_PAGE, page);
    expect(existsSync(TRANSLATION_PAGE) ? readFileSync(TRANSLATION_PAGE, 'utf8') : '').toBe(page);
  });
});

// One line for each request, so that a difference shows which one it is.
function render(rows: Record<string, Row>): string {
  const lines = Object.entries(rows).map(([feature, row]) => `${JSON.stringify(feature)}: ${JSON.stringify(row)}`);
  return `{\n${lines.join(',\n')}\n}\n`;
}

function readable(text: string): unknown {
  return parseExactJson(text);
}
