import { describe, expect, it } from '@jest/globals';
import { ConfigurationError } from '../configuration-error.js';
import { loadEnvironment } from '../environment.js';
import type { ToolsConfig } from '../tools-config.js';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

function load(file: object, variables: Record<string, string> = {}): ToolsConfig | string[] {
  const directory = mkdtempSync(join(tmpdir(), 'trunkline-tools-'));
  try {
    writeFileSync(join(directory, 'models.yaml'), JSON.stringify(file));
    return loadEnvironment({ TRUNKLINE_CONFIG: 'models.yaml', ...variables }, directory).gateway.tools;
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems.map(({ where, message }) => `${where} ${message}`);
    throw error;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

const URL = 'http://tools.internal:8080/v1/{city}';
const PARAMETERS = { type: 'object', required: ['city'], properties: { city: { type: 'string' } } };
const TOOL = { description: 'x', url: URL, parameters: PARAMETERS };

describe('tools in the models file', () => {
  it('are none when nothing is said', () => {
    expect(load({})).toEqual({
      http: [],
      mcpServers: [],
      loop: { maxSteps: 8, maxMs: 300_000, maxCostUsd: null, parallelCalls: 4, maxResultTokens: 8_000 },
    });
  });

  it('have what is said, with secrets from variables', () => {
    const headers = { authorization: 'Bearer ${KEY}' };
    const tools = load(
      {
        tools: {
          weather: { ...TOOL, headers },
          plain: { description: 'y', url: 'https://a.example/', method: 'POST' },
        },
        mcp_servers: {
          files: { command: 'npx', args: ['-y', 'files'], cwd: 'x' },
          web: { url: 'http://mcp/x?y=1', headers },
        },
        tool_loop: { max_steps: 3, max_cost_usd: 0.5 },
      },
      { KEY: 's3' },
    );
    expect(tools).toMatchObject({
      http: [
        {
          name: 'weather',
          method: 'GET',
          argumentsIn: 'query',
          headers: { authorization: 'Bearer s3' },
          projects: null,
        },
        { name: 'plain', argumentsIn: 'body', parameters: { type: 'object', properties: {} }, timeoutMs: 15_000 },
      ],
      mcpServers: [
        { name: 'files', transport: { kind: 'stdio', command: 'npx', cwd: expect.stringMatching(/\/x$/) } },
        { name: 'web', transport: { kind: 'http', headers: { authorization: 'Bearer s3' } } },
      ],
      loop: { maxSteps: 3, maxCostUsd: 0.5, parallelCalls: 4 },
    });
  });

  it.each<[string, object, RegExp]>([
    [
      'a host from an argument',
      { tools: { a: { ...TOOL, url: 'http://{city}/' } } },
      /tools\.a\.url must not take its host/,
    ],
    ['an unknown argument', { tools: { a: { ...TOOL, url: 'http://x/{town}' } } }, /names \{town\}/],
    [
      'an optional one in the URL',
      { tools: { a: { ...TOOL, parameters: { ...PARAMETERS, required: [] } } } },
      /must then be required/,
    ],
    ['another scheme', { tools: { a: { ...TOOL, url: 'file:///x' } } }, /tools\.a\.url must be a URL/],
    ['a fragment', { tools: { a: { ...TOOL, url: 'http://x/#{city}' } } }, /fragment/],
    ['no description', { tools: { a: { url: URL } } }, /tools\.a\.description is missing/],
    [
      'no schema',
      { tools: { a: { ...TOOL, url: 'http://x/', parameters: { type: 'object', properties: 1 } } } },
      /tools\.a\.parameters/,
    ],
    [
      'parameters that are a list',
      { tools: { a: { ...TOOL, url: 'http://x/', parameters: { type: 'array' } } } },
      /type object/,
    ],
    ['a header of the connection', { tools: { a: { ...TOOL, headers: { Host: 'x' } } } }, /must not set host/],
    ['a header twice', { tools: { a: { ...TOOL, headers: { a: 'x', A: 'y' } } } }, /holds a twice/],
    ['a header of two lines', { tools: { a: { ...TOOL, headers: { a: 'x\ny' } } } }, /one line/],
    ['a name with a slash', { tools: { 'a/b': TOOL } }, /not a usable name/],
    ['a server of nothing', { mcp_servers: { a: {} } }, /mcp_servers\.a needs either url or command/],
    ['a server of both', { mcp_servers: { a: { url: 'http://x/', command: 'y' } } }, /needs either url or command/],
    ['arguments of a URL', { mcp_servers: { a: { url: 'http://x/', args: ['y'] } } }, /mean nothing/],
    ['headers of a program', { mcp_servers: { a: { command: 'x', headers: { a: 'b' } } } }, /mean nothing/],
    ['too many steps', { tool_loop: { max_steps: 33 } }, /tool_loop\.max_steps must be at most 32/],
  ])('are refused with %s', (_name, file, expected) => {
    const problems = load(file);
    expect(problems).toEqual([expect.stringMatching(expected)]);
  });
});
