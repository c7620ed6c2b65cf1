import { isJsonObject, type JsonObject } from '../../../src/core/json.js';
import type { FrameKind } from '../frame.js';
import type { CompleteReply } from '../scripted-reply.js';
import { halves } from './render-chat.js';

interface Step {
  kind: FrameKind;
  type: string;
  rest: JsonObject;
}

/** An item of a response's output: as it begins, the events of its making, and as it ends. */
export interface ScriptedItem {
  kind: 'reasoning' | 'message' | 'call';
  begun: JsonObject;
  steps: Step[];
  whole: JsonObject;
}

/** The output of a reply: what was thought, what is said, which tools are called, in this order. */
export function responseItems(reply: CompleteReply, responseId: string, request: JsonObject): ScriptedItem[] {
  const suffix = responseId.replace(/^resp_/, '');
  const items: ScriptedItem[] = [];
  if (reply.reasoning !== '' || reply.redactedReasoning !== '') items.push(reasoningItem(reply, suffix, request));
  const isSilent = reply.text === '' && reply.refusal === '';
  if (!isSilent || (items.length === 0 && reply.toolCalls.length === 0)) items.push(messageItem(reply, suffix));
  for (const [index, call] of reply.toolCalls.entries())
    items.push(callItem(call, `${suffix}${String(index)}`, request));
  return items;
}

function reasoningItem(reply: CompleteReply, suffix: string, { include }: JsonObject): ScriptedItem {
  const head = { id: `rs_${suffix}`, type: 'reasoning' };
  const isSealed = Array.isArray(include) && include.includes('reasoning.encrypted_content');
  const sealed = reply.redactedReasoning === '' ? `sealed:${reply.reasoning}` : reply.redactedReasoning;
  const encrypted = isSealed ? { encrypted_content: sealed } : {};
  const part = { type: 'summary_text', text: reply.reasoning };
  const at = { summary_index: 0 };
  const steps: Step[] = [
    { kind: 'open', type: 'response.reasoning_summary_part.added', rest: { ...at, part: { ...part, text: '' } } },
    ...halves(reply.reasoning).map((delta): Step => ({
      kind: 'content',
      type: 'response.reasoning_summary_text.delta',
      rest: { ...at, delta },
    })),
    { kind: 'other', type: 'response.reasoning_summary_text.done', rest: { ...at, text: reply.reasoning } },
    { kind: 'other', type: 'response.reasoning_summary_part.done', rest: { ...at, part } },
  ];
  return {
    kind: 'reasoning',
    begun: { ...head, ...encrypted, summary: [] },
    steps: reply.reasoning === '' ? [] : steps,
    whole: { ...head, ...encrypted, summary: reply.reasoning === '' ? [] : [part] },
  };
}

function messageItem(reply: CompleteReply, suffix: string): ScriptedItem {
  const head = { id: `msg_${suffix}`, type: 'message', role: 'assistant' };
  const content: JsonObject[] = [];
  const steps: Step[] = [];
  const isSaid = reply.text !== '' || reply.refusal === '';
  if (isSaid) addPart(textPart(reply.text), { steps, content, deltas: reply.pieces, name: 'output_text' });
  if (reply.refusal !== '') {
    addPart(refusalPart(reply.refusal), { steps, content, deltas: [reply.refusal], name: 'refusal' });
  }
  const status = reply.finishReason === 'length' ? 'incomplete' : 'completed';
  return {
    kind: 'message',
    begun: { ...head, status: 'in_progress', content: [] },
    steps,
    whole: { ...head, status, content },
  };
}

function textPart(text: string): JsonObject {
  return { type: 'output_text', annotations: [], logprobs: [], text };
}

function refusalPart(refusal: string): JsonObject {
  return { type: 'refusal', refusal };
}

interface Message {
  steps: Step[];
  content: JsonObject[];
  deltas: readonly string[];
  name: 'output_text' | 'refusal';
}

function addPart(part: JsonObject, { steps, content, deltas, name }: Message): void {
  const at = { content_index: content.length };
  const key = name === 'refusal' ? 'refusal' : 'text';
  const logprobs = name === 'refusal' ? {} : { logprobs: [] };
  content.push(part);
  steps.push({ kind: 'open', type: 'response.content_part.added', rest: { ...at, part: { ...part, [key]: '' } } });
  for (const delta of deltas) {
    steps.push({ kind: 'content', type: `response.${name}.delta`, rest: { ...at, ...logprobs, delta } });
  }
  steps.push({ kind: 'other', type: `response.${name}.done`, rest: { ...at, ...logprobs, [key]: part[key] } });
  steps.push({ kind: 'other', type: 'response.content_part.done', rest: { ...at, part } });
}

function callItem(call: CompleteReply['toolCalls'][number], suffix: string, request: JsonObject): ScriptedItem {
  const isCustom = isCustomTool(call.name, request);
  const key = isCustom ? 'input' : 'arguments';
  const name = isCustom ? 'custom_tool_call_input' : 'function_call_arguments';
  const head: JsonObject = {
    id: `${isCustom ? 'ctc' : 'fc'}_${suffix}`,
    type: isCustom ? 'custom_tool_call' : 'function_call',
    ...(call.id === null ? {} : { call_id: call.id }),
    name: call.name,
  };
  const text = call.arguments;
  const done = isCustom ? { input: text } : { name: call.name, arguments: text };
  return {
    kind: 'call',
    begun: { ...head, status: 'in_progress', [key]: '' },
    steps: [
      ...halves(text).map((delta): Step => ({ kind: 'other', type: `response.${name}.delta`, rest: { delta } })),
      { kind: 'other', type: `response.${name}.done`, rest: done },
    ],
    whole: { ...head, status: 'completed', [key]: text },
  };
}

function isCustomTool(name: string, { tools }: JsonObject): boolean {
  if (!Array.isArray(tools)) return false;
  return tools.some((tool) => isJsonObject(tool) && tool.type === 'custom' && tool.name === name);
}
