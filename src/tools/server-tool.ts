import type { CallContext } from '../core/call-context.js';
import type { CancelSignal } from '../core/cancellation.js';
import type { JsonObject } from '../core/json.js';
import type { ToolKind } from '../core/telemetry/tool-telemetry.js';

/** One use of a tool. */
export interface ToolUse {
  /** The call that it is for: whose project, whose money. */
  readonly call: CallContext;
  /** Fires when nobody waits for the result any more, or it takes too long. */
  readonly signal: CancelSignal;
}

/** What a tool gave, in words for the model. */
export interface ToolOutput {
  readonly content: string;
  readonly isError: boolean;
}

/** A tool that is run here and not by the client. */
export interface ServerTool {
  /** What requests call it, such as `http:weather` or `mcp:files/read`. */
  readonly name: string;
  readonly kind: ToolKind;
  /** For the model. */
  readonly description: string;
  /** A JSON Schema of type object. */
  readonly parameters: JsonObject;
  readonly timeoutMs: number;
  /** Rejects with ToolFailure, or an AppError, whose message may be told to the model; all else is our own fault. */
  run(input: JsonObject, use: ToolUse): Promise<ToolOutput>;
}

/** Why a tool gave nothing, in words that a model may read. */
export class ToolFailure extends Error {
  override readonly name = 'ToolFailure';
}
