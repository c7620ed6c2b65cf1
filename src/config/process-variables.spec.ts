import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { processVariables } from './process-variables.js';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'trunkline-dotenv-'));
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

describe('processVariables', () => {
  it('adds the variables of .env; those of the process win', () => {
    writeFileSync(join(directory, '.env'), '# comment\nNEW="from file"\nOLD=from file\n');
    expect(processVariables(directory, { OLD: 'from process' })).toEqual({ NEW: 'from file', OLD: 'from process' });
  });

  it('is the process’s own without a file', () => {
    expect(processVariables(directory, { OLD: 'x' })).toEqual({ OLD: 'x' });
  });

  it('says when .env cannot be read', () => {
    mkdirSync(join(directory, '.env'));
    expect(() => processVariables(directory, {})).toThrow(/\.env: cannot be read/);
  });
});
