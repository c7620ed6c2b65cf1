/** Where a tool that the gateway runs comes from. */
export type ToolKind = 'http' | 'mcp' | 'rag';

/**
 * How a use of a tool ended: `failed` was the tool's own word, `refused` were arguments that do not fit or a name that is
 * none, `timeout` took too long, `broken` could not be reached or answered nothing usable, `aborted` was not waited for.
 */
export type ToolOutcome = 'succeeded' | 'failed' | 'refused' | 'timeout' | 'broken' | 'aborted';

/** Why a model's use of tools came to its end. */
export type ToolLoopEnd = 'answered' | 'client-tools' | 'steps' | 'time' | 'cost' | 'failed';
