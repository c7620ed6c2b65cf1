import type { AssistantPart, ChatMessage, ToolCallPart } from '../../core/chat/chat-request.js';
import { refuse } from '../read-parameters.js';
import type { ReadItem } from './parse-item.js';

type ToolMessage = Extract<ChatMessage, { role: 'tool' }>;

/** What a model did in one go, and the results of its calls. */
interface ModelTurn {
  readonly parts: AssistantPart[];
  readonly results: ToolMessage[];
  /** Calls without a result so far, and where they stand. */
  readonly open: Map<string, { path: string; isUnfinished: boolean }>;
}

type Turn = ModelTurn | ChatMessage;

/** Puts what items mean in the order in which every model takes it: results right behind the message with their calls. */
export class Turns {
  readonly #turns: Turn[] = [];
  readonly #turnOfCall = new Map<string, ModelTurn>();
  /** Results whose calls nobody has named. */
  readonly #strays: { message: ToolMessage; path: string }[] = [];
  #signature: Pick<ToolCallPart, 'signature' | 'signedBy'> | null = null;

  add(read: ReadItem, path: string): void {
    switch (read.kind) {
      case 'said':
        this.#turns.push(read.message);
        return;
      case 'signature':
        this.#signature = read.signature;
        return;
      case 'result':
        this.#addResult(read.message, path);
        return;
      case 'done':
        if (read.part.type === 'tool-call')
          this.#addCall(read.part, { path, isUnfinished: read.isUnfinished === true });
        else this.#modelTurn(read.beginsMessage).parts.push(read.part);
    }
  }

  /** Throws `invalid_tool_sequence` unless every call has its result and every result its call; a call that broke off needs none. */
  checkWhole(path: string): void {
    const [stray] = this.#strays;
    if (stray) {
      const id = stray.message.toolCallId.slice(0, 64);
      const message = `\`${stray.path}\` is the result of the call \`${id}\`, which is not in the input before it. Send the call too.`;
      refuse('invalid_tool_sequence', `${stray.path}.call_id`, message);
    }
    for (const turn of this.#turns) {
      const missing = 'open' in turn ? [...turn.open].find(([, { isUnfinished }]) => !isUnfinished) : undefined;
      if (!missing) continue;
      const message = `The call \`${missing[0].slice(0, 64)}\` has no result. Send an item with its output and its \`call_id\`.`;
      refuse('invalid_tool_sequence', path, message);
    }
  }

  /** The conversation so far; calls that broke off and have no result are no part of it. */
  messages(): ChatMessage[] {
    const messages = this.#turns.flatMap((turn) => ('parts' in turn ? toMessages(turn) : [turn]));
    return [...this.#strays.map(({ message }) => message), ...messages];
  }

  #addCall(call: ToolCallPart, place: { path: string; isUnfinished: boolean }): void {
    const turn = this.#modelTurn();
    if (turn.open.has(call.id)) {
      refuse('invalid_tool_sequence', `${place.path}.call_id`, `\`${place.path}.call_id\` is the id of another call.`);
    }
    turn.open.set(call.id, place);
    turn.parts.push(this.#signature ? { ...call, ...this.#signature } : call);
    this.#signature = null;
    this.#turnOfCall.set(call.id, turn);
  }

  #addResult(message: ToolMessage, path: string): void {
    const turn = this.#turnOfCall.get(message.toolCallId);
    if (turn?.open.delete(message.toolCallId) === true) turn.results.push(message);
    else if (turn) {
      refuse('invalid_tool_sequence', `${path}.call_id`, `\`${path}\` is a second result of the same call.`);
    } else this.#strays.push({ message, path });
  }

  // Two messages in a row stay two: nobody knows what would have to stand between their texts.
  #modelTurn(beginsMessage = false): ModelTurn {
    const last = this.#turns.at(-1);
    if (last && 'parts' in last && last.results.length === 0 && !(beginsMessage && endsWithText(last))) return last;
    const turn: ModelTurn = { parts: [], results: [], open: new Map() };
    this.#turns.push(turn);
    return turn;
  }
}

function endsWithText({ parts }: ModelTurn): boolean {
  const type = parts.at(-1)?.type;
  return type === 'text' || type === 'refusal';
}

function toMessages({ parts, results, open }: ModelTurn): ChatMessage[] {
  const isKept = (part: AssistantPart): boolean =>
    part.type !== 'tool-call' || open.get(part.id)?.isUnfinished !== true;
  const content = parts.filter(isKept);
  return content.length === 0 ? results : [{ role: 'assistant', content }, ...results];
}
