import type { JsonObject } from '../../core/json.js';
import {
  readArray,
  readBoolean,
  readInteger,
  readObject,
  readString,
  refuse,
  requireString,
} from '../read-parameters.js';

const MOST_SERVER_TOOLS = 32;
const MOST_STEPS = 32;

/** What a native chat request asks for beside the answer itself. */
export interface NativeOptions {
  /** The conversation to go on with; undefined when the client named none. */
  conversationId?: string;
  /** Whether the turn is kept. A single message is, unless the client says no; who sends all messages keeps them himself. */
  store: boolean;
  /** Names such as `rag:handbook`, `http:weather`, `mcp:files/read`. */
  serverTools: string[];
  /** How many answers of the model the use of server-side tools may take; undefined means the server's default. */
  maxSteps?: number;
  cache: { exact?: boolean; semantic?: boolean };
}

/** Reads the options of a native chat body. Throws InvalidRequestError. */
export function parseNativeOptions(body: JsonObject): NativeOptions {
  const conversationId = parseConversationId(body);
  const isSingle = body.messages === undefined || body.messages === null;
  return {
    conversationId,
    store: readBoolean(body.store, 'store') ?? (isSingle || conversationId !== undefined),
    serverTools: parseServerTools(body),
    maxSteps: readInteger(body.max_steps, 'max_steps', { min: 1, max: MOST_STEPS }),
    cache: parseCache(body),
  };
}

function parseConversationId(body: JsonObject): string | undefined {
  const id = readString(body.conversation_id, 'conversation_id');
  const alias = readString(body.session_id, 'session_id');
  const path = id === undefined ? 'session_id' : 'conversation_id';
  if (id !== undefined && alias !== undefined && id !== alias)
    return refuse('invalid_value', path, '`session_id` is another name of `conversation_id`. Send one of them.');
  if ((id ?? alias) === '')
    return refuse('invalid_value', path, `\`${path}\` must not be empty. Leave it out to begin anew.`);
  return id ?? alias;
}

function parseServerTools(body: JsonObject): string[] {
  const names = (readArray(body.server_tools, 'server_tools', MOST_SERVER_TOOLS) ?? []).map((value, index) => {
    const path = `server_tools[${String(index)}]`;
    const name = requireString(value, path);
    return name === '' ? refuse('invalid_value', path, `\`${path}\` must be the name of a tool.`) : name;
  });
  return [...new Set(names)];
}

function parseCache(body: JsonObject): NativeOptions['cache'] {
  const wish = readObject(body.cache, 'cache') ?? {};
  const stranger = Object.keys(wish).find((key) => key !== 'exact' && key !== 'semantic');
  if (stranger !== undefined) {
    const path = `cache.${stranger.slice(0, 64)}`;
    return refuse('unknown_parameter', path, '`cache` takes `exact` and `semantic`, each true or false.');
  }
  return {
    exact: readBoolean(wish.exact, 'cache.exact'),
    semantic: readBoolean(wish.semantic, 'cache.semantic'),
  };
}
