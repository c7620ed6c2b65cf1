import type { TurnMessage } from './turn-message.js';

const MOST_CHARACTERS = 80;

/** A name for a conversation from the first words of its user; null when there are none. */
export function toTitle(messages: readonly TurnMessage[]): string | null {
  for (const message of messages) {
    if (message.role !== 'user') continue;
    const [text] = message.content.flatMap((part) => (part.type === 'text' ? [part.text] : []));
    const words = (text ?? '')
      .slice(0, MOST_CHARACTERS * 4)
      .replace(/\s+/gu, ' ')
      .trim();
    if (words === '') continue;
    if (words.length <= MOST_CHARACTERS) return words.toWellFormed();
    const cut = words.slice(0, MOST_CHARACTERS - 1);
    const space = cut.lastIndexOf(' ');
    return `${(space > MOST_CHARACTERS / 2 ? cut.slice(0, space) : cut).replace(/[\uD800-\uDBFF]$/u, '')}\u2026`;
  }
  return null;
}
