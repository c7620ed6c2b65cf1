/**
 * Writes src/metadata.ts: what the Swagger plugin reads from types and comments of DTOs and controllers, which swc drops.
 * Does nothing when the file belongs to the sources as they are.
 */
import { appendFileSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PluginMetadataGenerator } from '@nestjs/cli/lib/compiler/plugins/plugin-metadata-generator.js';
import { ReadonlyVisitor } from '@nestjs/swagger/plugin';
import { ROOT, sourceHash } from './source-hash.mjs';

const SOURCES = join(ROOT, 'src');
const METADATA = join(SOURCES, 'metadata.ts');
// An empty one lets the program resolve the import of the file that is being made.
const EMPTY = '/* eslint-disable */\nexport default async () => ({});\n';

function isCurrent(mark) {
  return existsSync(METADATA) && readFileSync(METADATA, 'utf8').endsWith(mark);
}

function pluginOptions() {
  const { compilerOptions } = JSON.parse(readFileSync(join(ROOT, 'nest-cli.json'), 'utf8'));
  return compilerOptions.plugins.find((plugin) => plugin.name === '@nestjs/swagger').options;
}

function generate(mark) {
  if (!existsSync(METADATA)) writeFileSync(METADATA, EMPTY);
  // Others may read the file at this moment: it is made beside it, and takes its place whole.
  const filename = `metadata.${process.pid}.tmp`;
  const visitor = new ReadonlyVisitor({ ...pluginOptions(), readonly: true, pathToSource: SOURCES });
  visitor.key = '@nestjs/swagger';
  new PluginMetadataGenerator().generate({
    visitors: [visitor],
    outputDir: SOURCES,
    filename,
    tsProgramRef: ReadonlyVisitor.createTsProgram(join(ROOT, 'tsconfig.build.json')),
  });
  const made = join(SOURCES, filename);
  appendFileSync(made, `\n${mark}`);
  renameSync(made, METADATA);
}

const mark = `// sources: ${sourceHash()}\n`;
if (!isCurrent(mark)) generate(mark);
