import type { ContentBlockParam, TextBlockParam } from '@anthropic-ai/sdk/resources/messages';

/** One message of a conversation, its content a list. */
export interface Turn {
  role: 'user' | 'assistant';
  content: ContentBlockParam[];
}

const BEGINNING = 'The conversation begins with your own words.';
const GO_ON = 'Go on with your last answer exactly where it stops. Repeat nothing of it.';

/**
 * The turns with both ends as the API takes them: the first one the user's, and an answer that the last one begins without
 * white space at its end, or followed by the wish to go on where the model takes no beginnings. A conversation of nothing
 * but instructions becomes the user's, and leaves `system` empty.
 */
export function endConversation(
  turns: Turn[],
  system: TextBlockParam[],
  { takesPrefill, warn }: { takesPrefill: boolean; warn: (message: string) => void },
): Turn[] {
  if (turns.length === 0 && system.length > 0) {
    warn("The instructions were sent as the user's message: Anthropic does not answer instructions alone.");
    turns.push({ role: 'user', content: system.splice(0) });
  }
  trimLastText(turns);
  if (turns[0]?.role === 'assistant') turns.unshift(userTurn(BEGINNING));
  const last = turns.at(-1);
  if (last?.role === 'assistant' && !takesPrefill) {
    warn('The model takes no beginning of its answer: it was asked to go on with it.');
    turns.push(userTurn(GO_ON));
  }
  return turns;
}

// The API refuses a beginning that ends in white space.
function trimLastText(turns: Turn[]): void {
  const turn = turns.at(-1);
  const block = turn?.role === 'assistant' ? turn.content.at(-1) : undefined;
  if (block?.type === 'text') block.text = block.text.trimEnd();
}

function userTurn(text: string): Turn {
  return { role: 'user', content: [{ type: 'text', text }] };
}
