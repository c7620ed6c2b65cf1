import type { CallContext } from '../core/call-context.js';
import type { ToolKind } from '../core/telemetry/tool-telemetry.js';
import type { ServerTool } from './server-tool.js';

/** Where tools of one kind come from. */
export interface ToolSource {
  readonly kind: ToolKind;
  /**
   * The tools that the caller's project means by a name without its prefix; none when there is no such thing. `param` is
   * where the name stands in the request, for errors.
   */
  find(name: string, call: CallContext, param: string): Promise<readonly ServerTool[]>;
  /** What the caller's project may name, with its prefix; for a message, so some are enough. */
  list(call: CallContext): Promise<readonly string[]>;
}
