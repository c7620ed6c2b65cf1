import { writeFile } from 'node:fs/promises';
import { format, resolveConfig } from 'prettier';
import { renderReport, type SemanticReport } from './render-report.js';
import { CONCLUSION, INTRODUCTION } from './semantic-page-text.js';

/** Writes what was measured as the page of the documentation. */
export async function writeSemanticPage(path: string, report: SemanticReport): Promise<void> {
  const text = `${INTRODUCTION}\n${renderReport(report)}\n${CONCLUSION}`;
  await writeFile(path, await format(text, { ...(await resolveConfig(path)), parser: 'markdown' }));
}
