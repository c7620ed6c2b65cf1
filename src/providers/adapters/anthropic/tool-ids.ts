/**
 * The ids of tool calls as the API takes them: of letters, digits, `_` and `-`, and each once in a conversation. Other
 * providers use more characters, and begin to count anew with each answer.
 */
export class ToolIds {
  readonly #ids = new Map<string, string>();
  /** The number that the next call under an id that is taken gets. */
  readonly #next = new Map<string, number>();
  readonly #taken = new Set<string>();

  /** The id of a call that the conversation has come to. */
  open(id: string): string {
    const plain = toPlainId(id);
    let own = plain;
    let next = this.#next.get(plain) ?? 2;
    for (; this.#taken.has(own); next += 1) own = `${plain}_${String(next)}`;
    this.#next.set(plain, next);
    this.#taken.add(own);
    this.#ids.set(id, own);
    return own;
  }

  /** The id of the call that a result answers: the last one that was made under it. */
  of(id: string): string {
    return this.#ids.get(id) ?? toPlainId(id);
  }
}

function toPlainId(id: string): string {
  return id === '' ? 'call' : id.replaceAll(/[^\w-]/g, '_');
}
