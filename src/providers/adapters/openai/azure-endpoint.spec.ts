import { describe, expect, it } from '@jest/globals';
import { azureBaseUrl } from './azure-endpoint.js';

const RESOURCE = 'https://ours.openai.azure.com';

function versioned(name: string, resource = RESOURCE): string {
  return azureBaseUrl(resource, { apiVersion: '2024-10-21' }, name);
}

describe(azureBaseUrl.name, () => {
  it.each(['', '/', '/openai', '/openai/', '/openai/v1', '/openai/v1/'])(
    'takes the resource with %j behind it',
    (end) => {
      expect(versioned('prod', RESOURCE + end)).toBe(`${RESOURCE}/openai/deployments/prod?api-version=2024-10-21`);
      expect(azureBaseUrl(RESOURCE + end, { apiVersion: null }, 'prod')).toBe(`${RESOURCE}/openai/v1`);
    },
  );

  it('keeps the path and the query of a gateway before the resource', () => {
    expect(versioned('prod', 'https://apim.example.org/team/openai?subscription=1')).toBe(
      'https://apim.example.org/team/openai/deployments/prod?subscription=1&api-version=2024-10-21',
    );
  });

  it.each([
    ['a/b', 'a%2Fb'],
    ['../secrets', '..%2Fsecrets'],
    ['a\\..\\b', 'a%5C..%5Cb'],
    ['a?api-version=1', 'a%3Fapi-version%3D1'],
    ['a#b', 'a%23b'],
    ['%2e%2e', '%252e%252e'],
    ['...', '...'],
    ['grün', 'gr%C3%BCn'],
    ['\ud800', '%EF%BF%BD'],
  ])('writes %j as one segment', (name, segment) => {
    expect(versioned(name)).toBe(`${RESOURCE}/openai/deployments/${segment}?api-version=2024-10-21`);
  });

  it.each(['', '.', '..'])('knows no deployment %j', (name) => {
    expect(() => versioned(name)).toThrow(expect.objectContaining({ kind: 'model-not-found' }));
  });
});
