import { describe, expect, it } from '@jest/globals';
import { toTitle } from './to-title.js';
import type { TurnMessage } from './turn-message.js';

function said(text: string): TurnMessage {
  return { role: 'user', content: [{ type: 'text', text }] };
}

describe('toTitle', () => {
  it.each([
    ['  Plan a\n\ntrip ', 'Plan a trip'],
    ['word '.repeat(30), `${'word '.repeat(15).trim()}\u2026`],
    ['x'.repeat(200), `${'x'.repeat(79)}\u2026`],
    [`${'x'.repeat(78)}\u{1F600}\u{1F600}`, `${'x'.repeat(78)}\u2026`],
    [' \n ', null],
  ])('makes of %j the title %j', (text, title) => {
    expect(toTitle([said(text)])).toBe(title);
  });

  it('has none without words', () => {
    const image: TurnMessage = {
      role: 'user',
      content: [{ type: 'image', source: { kind: 'url', url: 'https://x/y' } }],
    };
    expect(toTitle([image])).toBeNull();
    expect(toTitle([image, said('And this?')])).toBe('And this?');
  });
});
