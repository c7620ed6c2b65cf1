import type { AssistantPart, ChatMessage, ReasoningPart, ToolCallPart } from '../../core/chat/chat-request.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json.js';
import { readString, refuse, requireString } from '../read-parameters.js';
import { type Lost, parseInputParts, parseOutputParts, parseSystemParts } from './parse-parts.js';
import { unsealThought } from './sealed-thought.js';
import { modelNameOf } from './tool-names.js';

/** What an item means: something a model did, something that others said, the result of a call, or a signature for one. */
export type ReadItem =
  | { kind: 'done'; part: AssistantPart; isUnfinished?: boolean; beginsMessage?: boolean }
  | { kind: 'said'; message: ChatMessage }
  | { kind: 'result'; message: Extract<ChatMessage, { role: 'tool' }> }
  | { kind: 'signature'; signature: Pick<ToolCallPart, 'signature' | 'signedBy'> };

type ItemReader = (item: JsonObject, path: string, lost: Lost) => ReadItem[];

const READERS: Readonly<Record<string, ItemReader>> = {
  message: readMessage,
  function_call: readFunctionCall,
  custom_tool_call: readCustomCall,
  function_call_output: readOutput,
  custom_tool_call_output: readOutput,
  reasoning: readReasoning,
};

/** The id of the item that this one only names; null for every other one. */
export function referenceOf(item: JsonObject): string | null {
  const isReference = item.type === 'item_reference' || ((item.type ?? null) === null && item.role === undefined);
  return isReference && typeof item.id === 'string' ? item.id : null;
}

/** Reads one item. Those of types that only OpenAI knows are lost. Throws InvalidRequestError. */
export function parseItem(item: JsonObject, path: string, lost: Lost): ReadItem[] {
  const type =
    readString(item.type, `${path}.type`) ??
    (item.role === undefined ? requireString(item.type, `${path}.type`) : 'message');
  const read = Object.hasOwn(READERS, type) ? READERS[type] : undefined;
  if (read) return read(item, path, lost);
  lost.push(`${path} (${type})`);
  return [];
}

function readMessage(item: JsonObject, path: string, lost: Lost): ReadItem[] {
  const here = `${path}.content`;
  switch (requireString(item.role, `${path}.role`)) {
    case 'user': {
      const content = parseInputParts(item.content, here, lost);
      return content.length === 0 ? [] : [{ kind: 'said', message: { role: 'user', content } }];
    }
    case 'system':
    case 'developer': {
      const content = parseSystemParts(item.content, here, lost);
      return content.length === 0 ? [] : [{ kind: 'said', message: { role: 'system', content } }];
    }
    case 'assistant':
      return parseOutputParts(item.content, here, lost).map((part, index) => ({
        kind: 'done',
        part,
        beginsMessage: index === 0,
      }));
    default: {
      const message = `\`${path}.role\` must be one of user, assistant, system, developer.`;
      return refuse('invalid_value', `${path}.role`, message);
    }
  }
}

function readFunctionCall(item: JsonObject, path: string): ReadItem[] {
  return [toCall(item, path, requireString(item.arguments, `${path}.arguments`))];
}

function readCustomCall(item: JsonObject, path: string): ReadItem[] {
  return [toCall(item, path, JSON.stringify({ input: requireString(item.input, `${path}.input`) }))];
}

function toCall(item: JsonObject, path: string, text: string): ReadItem {
  const id = requireString(item.call_id, `${path}.call_id`);
  const namespace = readString(item.namespace, `${path}.namespace`);
  const name = modelNameOf(requireString(item.name, `${path}.name`), namespace);
  const isUnfinished = item.status === 'incomplete' || item.status === 'in_progress';
  return { kind: 'done', part: { type: 'tool-call', id, name, arguments: text }, isUnfinished };
}

function readOutput(item: JsonObject, path: string, lost: Lost): ReadItem[] {
  const toolCallId = requireString(item.call_id, `${path}.call_id`);
  const parts = parseInputParts(item.output, `${path}.output`, lost);
  const content = parts.filter((part) => part.type === 'text' || part.type === 'image');
  if (content.length < parts.length) lost.push(`${path}.output (input_file)`);
  const given = content.length > 0 ? content : [{ type: 'text' as const, text: '' }];
  return [{ kind: 'result', message: { role: 'tool', toolCallId, content: given } }];
}

function readReasoning(item: JsonObject, path: string): ReadItem[] {
  // A summary and the thought itself say the same.
  const [summary, content] = [textsOf(item.summary, `${path}.summary`), textsOf(item.content, `${path}.content`)];
  const text = (summary.length > 0 ? summary : content).join('\n\n');
  const sealed = readString(item.encrypted_content, `${path}.encrypted_content`);
  const thought = sealed === undefined ? null : unsealThought(sealed);
  if (!thought) return text === '' ? [] : [toDone({ type: 'reasoning', text })];
  const { isOfCall, ...seal } = thought;
  if (isOfCall !== true) return [toDone({ type: 'reasoning', text, ...seal })];
  return [{ kind: 'signature', signature: { signature: seal.signature, signedBy: seal.signedBy } }];
}

function toDone(part: ReasoningPart): ReadItem {
  return { kind: 'done', part };
}

function textsOf(value: JsonValue | undefined, path: string): string[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) return refuse('invalid_type', path, `\`${path}\` must be a list of texts.`);
  return value.map((part, index) =>
    requireString(isJsonObject(part) ? part.text : part, `${path}[${String(index)}].text`),
  );
}
