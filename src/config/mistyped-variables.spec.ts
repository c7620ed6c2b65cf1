import { describe, expect, it } from '@jest/globals';
import { ConfigurationError } from './configuration-error.js';
import { loadEnvironment } from './environment.js';

function problemsOf(source: Record<string, string>): string[] {
  try {
    loadEnvironment(source, '/nowhere');
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems.map(({ where, message }) => `${where}: ${message}`);
    throw error;
  }
  return [];
}

describe('O27 the name of a variable', () => {
  it.each([
    ['TRUNKLINE_ADMINKEY', 'TRUNKLINE_ADMIN_KEY'],
    ['TRUNKLINE_SECRETS', 'TRUNKLINE_SECRET'],
    ['TRUNKLINE_SECRET_FLIE', 'TRUNKLINE_SECRET_FILE'],
    ['TRUNKLINE_DATADIR', 'TRUNKLINE_DATA_DIR'],
    ['trunkline_config', 'TRUNKLINE_CONFIG'],
  ])('%s is refused, with the name that was meant', (name, meant) => {
    const said = `${name}: is no variable of Trunkline; ${meant} is, which is spelled differently`;
    expect(problemsOf({ [name]: 'x'.repeat(40) })).toEqual([said]);
  });

  it.each([
    // What Kubernetes sets for a service of the name.
    'TRUNKLINE_SERVICE_HOST',
    'TRUNKLINE_SERVICE_PORT_HTTP',
    'TRUNKLINE_PORT_3000_TCP_ADDR',
    'TRUNKLINE_PORT',
    'TRUNKLINE_IMAGE',
    'TRUNKLINE_POSTGRES_PASSWORD',
    'HOSTS',
  ])('%s may be somebody else’s', (name) => {
    expect(problemsOf({ [name]: 'x'.repeat(40) })).toEqual([]);
  });
});
