import { describe, expect, it } from '@jest/globals';
import { issueKey } from '../auth/key-format.js';
import { SecretRedaction } from './redact-secrets.js';

const line = (msg: string): string => `${JSON.stringify({ level: 'warn', msg, key_id: 'key_01', input_tokens: 4 })}\n`;
const SECRETS: readonly (readonly [string, string, string])[] = [
  ['one of our keys', `no ${issueKey().key} here`, 'no [removed] here'],
  [
    'a key of OpenAI',
    'Incorrect API key provided: sk-proj-abc_DEF-0123456789.',
    'Incorrect API key provided: [removed]',
  ],
  ['a masked key', 'provided: sk-ab**********wxyz', 'provided: [removed]'],
  ['a key of Anthropic', 'x-api-key: sk-ant-api03-AbCdEf_012', 'x-api-key: [removed]'],
  ['a key of Google', 'key=AIzaSyD-abcdefghijklmnopqrstuvwxyz01 is wrong', 'key=[removed] is wrong'],
  ['a webhook secret', 'signed with whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'signed with [removed]'],
  ['a JWT', 'jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.s5c-_x!', 'jwt [removed]!'],
  ['an Authorization header', 'Authorization: Bearer abcdef0123456789==', 'Authorization: Bearer [removed]'],
  ['basic authentication', 'authorization: Basic dXNlcjpwYXNz', 'authorization: Basic [removed]'],
  [
    'the password of a URL',
    'cannot reach postgres://app:hunter2@db:5432/x',
    'cannot reach postgres://app:[removed]@db:5432/x',
  ],
  ['a password with a sign', 'rediss://:pa$$@cache:6379', 'rediss://:[removed]@cache:6379'],
  ['a parameter of a URL', 'GET https://x.test/?api_key=0123abcd&b=1', 'GET https://x.test/?api_key=[removed]&b=1'],
  [
    'a member of JSON in a message',
    'sent {"password":"hunter2","user":"a"}',
    'sent {"password":"[removed]","user":"a"}',
  ],
  ['an access token', 'access_token=ya29.abc/def', 'access_token=[removed]'],
];

describe(SecretRedaction.name, () => {
  it.each(SECRETS)('takes out %s, and leaves a line of JSON', (_name, message, expected) => {
    expect(JSON.parse(new SecretRedaction().clean(line(message)))).toEqual(JSON.parse(line(expected)));
  });

  it.each([
    'The key key_01JABCDEFGHJKMNPQRSTVWXYZ of proj_default was refused.',
    'Set OPENAI_API_KEY, or api_keys of the provider.',
    'https://api.openai.com/v1/chat/completions answered 503',
    'The token is missing; basic things; password reset',
    'task-manager disk-usage-is-high-now',
    "Cannot read properties of undefined (reading 'x')\n    at file:///app/dist/a.js:10:5",
  ])('leaves alone: %s', (message) => {
    expect(new SecretRedaction().clean(line(message))).toBe(line(message));
  });

  it('takes out what it was told, whatever it looks like and however JSON writes it', () => {
    const redaction = new SecretRedaction();
    redaction.hide(['0123456789abcdef0123456789abcdef', 'with "quotes" in it', 'short', 'a.b*c(d)[e]{f}']);
    const message = 'azure 0123456789abcdef0123456789abcdef, with "quotes" in it, short, a.b*c(d)[e]{f}!';
    expect(JSON.parse(redaction.clean(line(message)))).toMatchObject({
      msg: 'azure [removed], [removed], short, [removed]!',
    });
  });

  it('is no burden: a long line that holds none takes no time that grows with its square', () => {
    const long = line(`${'://'.repeat(20_000)}${'a'.repeat(60_000)}`);
    const startedAt = process.cpuUsage().user;
    expect(new SecretRedaction().clean(long)).toBe(long);
    expect(process.cpuUsage().user - startedAt).toBeLessThan(1_000_000);
  });
});
