import type { SignatureVendor } from '../../core/chat/chat-request.js';

/** One piece of thinking that its vendor signed and wants back. */
export interface Thought {
  text: string;
  signature?: string;
  redacted?: string;
  signedBy: SignatureVendor;
  /** Whether the answer had words before it. */
  afterText: boolean;
}

/** What a provider wants back with one tool call: the thinking since the call before it, and the call's own signature. */
export interface ToolCallState {
  /** The function's name: an id that a server uses twice is told apart by it. */
  name: string;
  thoughts: Thought[];
  /** The model that signed, by its vendor's own name, where the answer told it. */
  model?: string;
  signature?: string;
  signedBy?: SignatureVendor;
}

const ENTRY_BYTES = 200;

/** Roughly the bytes that a state takes in memory. */
export function sizeOf(state: ToolCallState): number {
  let characters = state.name.length + (state.model?.length ?? 0) + (state.signature?.length ?? 0);
  for (const { text, signature = '', redacted = '' } of state.thoughts) {
    characters += text.length + signature.length + redacted.length;
  }
  return ENTRY_BYTES + characters * 2;
}
