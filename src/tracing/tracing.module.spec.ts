import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from '@jest/globals';

const HOOKS = fileURLToPath(new URL('../../test/support/typescript-hooks.mjs', import.meta.url));
const SOURCES = new URL('../', import.meta.url).href;

/** Puts tracing together in a process of its own; the files of OpenTelemetry that it loads. */
async function loadedWith(variables: Record<string, string>): Promise<string[]> {
  const script = `
    import 'reflect-metadata';
    import { Global, Module } from '@nestjs/common';
    import { NestFactory } from '@nestjs/core';
    const load = (path) => import(new URL(path, '${SOURCES}').href);
    const { TracingModule } = await load('tracing/tracing.module.ts');
    const { ConfigurationModule } = await load('config/configuration.module.ts');
    const { loadEnvironment } = await load('config/environment.ts');
    const { CoreServicesModule } = await load('core-services.module.ts');
    const { Telemetry } = await load('core/telemetry/telemetry.ts');
    const { Tracing } = await load('core/telemetry/tracing.ts');
    const environment = loadEnvironment(${JSON.stringify(variables)}, '/nowhere');
    class MetricsModule {}
    Global()(MetricsModule);
    Module({ providers: [Telemetry], exports: [Telemetry] })(MetricsModule);
    class RootModule {}
    const imports = [ConfigurationModule.forRoot(environment), CoreServicesModule, MetricsModule, TracingModule.forRoot('0')];
    Module({ imports })(RootModule);
    const app = await NestFactory.createApplicationContext(RootModule, { logger: false, abortOnError: false });
    const isOn = app.get(Tracing).tracer !== null;
    await app.close();
    process.stdout.write(JSON.stringify({ isOn, loaded: globalThis.loadedOpenTelemetry }));
  `;
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--import', HOOKS, '--input-type=module', '--eval', script],
    { env: { PATH: process.env.PATH } },
  );
  const { isOn, loaded } = JSON.parse(stdout) as { isOn: boolean; loaded: string[] };
  expect(isOn).toBe(loaded.length > 0);
  return loaded;
}

const ENDPOINT = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' };

it.each([
  ['nothing is set', {}],
  ['it is disabled', { ...ENDPOINT, OTEL_SDK_DISABLED: 'true' }],
  ['there is no exporter', { ...ENDPOINT, OTEL_TRACES_EXPORTER: 'none' }],
])('loads nothing of OpenTelemetry when %s', async (_name, variables) => {
  expect(await loadedWith(variables)).toEqual([]);
});

it('loads it when there is an endpoint', async () => {
  expect((await loadedWith(ENDPOINT)).length).toBeGreaterThan(10);
});
