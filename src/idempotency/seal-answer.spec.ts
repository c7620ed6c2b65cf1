import { describe, expect, it } from '@jest/globals';
import { deriveSecrets } from './idempotency-key.js';
import { type KeptAnswer, openAnswer, sealAnswer } from './seal-answer.js';

const secrets = deriveSecrets('key one', { keyId: 'key_1', projectId: 'p' });
const answer: KeptAnswer = {
  head: {
    status: 201,
    headers: [
      ['x-a', ['1', '2']],
      ['content-type', 'text/plain'],
    ],
  },
  body: Buffer.from('The godwit flies. '.repeat(100)),
};

describe('a sealed answer', () => {
  it('comes back to the byte, and says nothing before', async () => {
    const sealed = await sealAnswer(answer, secrets);
    expect(sealed.includes('godwit')).toBe(false);
    expect(sealed.length).toBeLessThan(300);
    expect(await openAnswer(sealed, secrets)).toEqual(answer);
    expect((await sealAnswer(answer, secrets)).equals(sealed)).toBe(false);
  });

  it('may be empty', async () => {
    const empty = { head: { status: 204, headers: [] }, body: Buffer.alloc(0) };
    expect(await openAnswer(await sealAnswer(empty, secrets), secrets)).toEqual(empty);
  });

  it.each([
    ['key two', 'key_1', 'p'],
    ['key one', 'key_2', 'p'],
    // Who comes with a token is the same in every project.
    ['key one', 'key_1', 'q'],
  ])('does not open with %s of %s in %s, nor is it found', async (idempotencyKey, keyId, projectId) => {
    const sealed = await sealAnswer(answer, secrets);
    const others = deriveSecrets(idempotencyKey, { keyId, projectId });
    expect(others.name).not.toBe(secrets.name);
    await expect(openAnswer(sealed, others)).rejects.toThrow();
  });

  it('does not open when a byte was changed', async () => {
    const sealed = await sealAnswer(answer, secrets);
    sealed[sealed.length - 1] = (sealed.at(-1) ?? 0) ^ 1;
    await expect(openAnswer(sealed, secrets)).rejects.toThrow();
  });
});
