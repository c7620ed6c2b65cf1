import { linkSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { forgetPrevious, obtainSecret, previousOf, replaceSecret } from './obtain-secret.js';

describe('the secret that a server made itself', () => {
  let directory: string;
  let file: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'trunkline-secret-'));
    file = join(directory, 'secret');
  });

  afterEach(() => {
    rmSync(directory, { recursive: true });
  });

  const previous = (): string => readFileSync(previousOf(file), 'utf8').trim();

  it('is replaced, and stays beside the new one until nothing is closed under it', () => {
    const old = obtainSecret(file);
    replaceSecret(file);
    const fresh = obtainSecret(file);
    expect(fresh).not.toBe(old);
    expect([previous(), statSync(file).mode & 0o777]).toEqual([old, 0o600]);
    // Run again before that: the change is gone on with.
    replaceSecret(file);
    expect([obtainSecret(file), previous()]).toEqual([fresh, old]);
    forgetPrevious(file);
    expect(readdirSync(directory)).toEqual(['secret']);
    replaceSecret(file);
    expect(previous()).toBe(fresh);
  });

  it('is replaced by the next run where a process died before the new one was in its place', () => {
    const old = obtainSecret(file);
    linkSync(file, previousOf(file));
    replaceSecret(file);
    expect(obtainSecret(file)).not.toBe(old);
    expect(previous()).toBe(old);
  });
});
