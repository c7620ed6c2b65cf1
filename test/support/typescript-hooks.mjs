/**
 * Lets a child process run the sources as they are: `--import` this. What is loaded of OpenTelemetry is listed in
 * `globalThis.loadedOpenTelemetry`.
 */
import { existsSync, readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
import { transformSync } from '@swc/core';

const SOURCES = new URL('../../src/', import.meta.url).href;
const options = JSON.parse(readFileSync(new URL('../../.swcrc', import.meta.url), 'utf8'));

globalThis.loadedOpenTelemetry = [];

registerHooks({
  resolve(specifier, context, next) {
    const isOurs = specifier.startsWith('.') && context.parentURL?.startsWith(SOURCES);
    const url = isOurs ? new URL(specifier.replace(/\.js$/, '.ts'), context.parentURL) : null;
    return url && existsSync(url) ? { url: url.href, format: 'module', shortCircuit: true } : next(specifier, context);
  },
  load(url, context, next) {
    if (url.includes('/@opentelemetry/')) globalThis.loadedOpenTelemetry.push(url);
    if (!url.startsWith(SOURCES) || !url.endsWith('.ts')) return next(url, context);
    const filename = fileURLToPath(url);
    const { code } = transformSync(readFileSync(filename, 'utf8'), {
      ...options,
      filename,
      swcrc: false,
      sourceMaps: false,
      $schema: undefined,
      exclude: undefined,
    });
    return { format: 'module', source: code, shortCircuit: true };
  },
});
