import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { ConfigurationError } from './configuration-error.js';
import { loadEnvironment } from './environment.js';
import type { TracingConfig } from './tracing-config.js';

const ENDPOINT = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318/' };

function configure(variables: Record<string, string>, directory = '/nowhere'): TracingConfig['export'] {
  return loadEnvironment(variables, directory).tracing.export;
}

/** What is wrong, as whoever starts the server reads it. */
function problemOf(variables: Record<string, string>): string {
  try {
    configure(variables);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.message;
    throw error;
  }
  return '';
}

describe('where traces go', () => {
  it.each([
    ['nothing is set', {}],
    ['there are only other variables', { OTEL_SERVICE_NAME: 'x', OTEL_TRACES_SAMPLER: 'always_on' }],
    ['it is disabled', { ...ENDPOINT, OTEL_SDK_DISABLED: 'TRUE' }],
    ['there is no exporter', { ...ENDPOINT, OTEL_TRACES_EXPORTER: 'none' }],
  ])('is nowhere when %s', (_name, variables) => {
    expect(configure(variables)).toBeNull();
  });

  it('is the collector, or the whole address for traces', () => {
    expect(configure(ENDPOINT)).toMatchObject({
      url: 'http://collector:4318/v1/traces',
      headers: {},
      timeoutMs: 10_000,
      sampler: 'parentbased_always_on',
      resourceAttributes: { 'service.name': 'trunkline' },
      queue: { delayMs: 5_000, maxSpans: 2_048, batchSpans: 512 },
    });
    const whole = { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://other/path' };
    expect(configure({ ...ENDPOINT, ...whole })?.url).toBe('https://other/path');
    expect(configure(whole)?.url).toBe('https://other/path');
  });

  it('takes headers of both lists, and from a file', () => {
    const directory = mkdtempSync(join(tmpdir(), 'trunkline-headers-'));
    writeFileSync(join(directory, 'headers'), 'Authorization=Bearer%20secret\n');
    const variables = {
      ...ENDPOINT,
      OTEL_EXPORTER_OTLP_HEADERS_FILE: 'headers',
      OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'x-team = a%2Cb, x-empty=',
    };
    expect(configure(variables, directory)?.headers).toEqual({
      authorization: 'Bearer secret',
      'x-team': 'a,b',
      'x-empty': '',
    });
    rmSync(directory, { recursive: true });
  });

  it('names the service by its own variable before the attributes', () => {
    const attributes = { ...ENDPOINT, OTEL_RESOURCE_ATTRIBUTES: 'service.name=a,team=b' };
    expect(configure(attributes)?.resourceAttributes).toEqual({ 'service.name': 'a', team: 'b' });
    expect(configure({ ...attributes, OTEL_SERVICE_NAME: 'c' })?.resourceAttributes['service.name']).toBe('c');
  });

  it('sends no larger batches than may wait', () => {
    expect(configure({ ...ENDPOINT, OTEL_BSP_MAX_QUEUE_SIZE: '10' })?.queue).toMatchObject({ batchSpans: 10 });
  });

  it.each([
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'collector:4318', 'must be a URL'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'http://user:pass@collector', 'without credentials'],
    ['OTEL_EXPORTER_OTLP_PROTOCOL', 'grpc', 'must be http/protobuf'],
    ['OTEL_EXPORTER_OTLP_TRACES_PROTOCOL', 'http/json', 'must be http/protobuf'],
    ['OTEL_EXPORTER_OTLP_COMPRESSION', 'zstd', 'must be gzip or none'],
    ['OTEL_EXPORTER_OTLP_TIMEOUT', '-1', 'must be a whole number'],
    ['OTEL_TRACES_SAMPLER', 'jaeger_remote', 'must be one of always_on'],
    ['OTEL_TRACES_SAMPLER_ARG', '1.5', 'must be a number from 0 to 1'],
    ['OTEL_RESOURCE_ATTRIBUTES', 'nonsense', 'must be name=value'],
    ['OTEL_SDK_DISABLED', 'yes', 'must be true or false'],
    ['OTEL_BSP_MAX_QUEUE_SIZE', '0', 'must be a whole number'],
  ])('is refused with the name of the variable: %s=%s', (name, value, message) => {
    const problem = problemOf({ ...ENDPOINT, [name]: value });
    expect(problem).toContain(`${name}: `);
    expect(problem).toContain(message);
  });

  it.each(['no pairs', 'a=%', 'content-type=text/plain', 'a b=c', 'a=%0d%0ab'])(
    'never shows bad headers: %s',
    (headers) => {
      const problem = problemOf({ ...ENDPOINT, OTEL_EXPORTER_OTLP_HEADERS: headers });
      expect(problem).toContain('OTEL_EXPORTER_OTLP_HEADERS: must be headers');
      expect(problem).not.toContain(`not "${headers}"`);
    },
  );
});
