import { fakeThinking } from '../fakes/anthropic/fake-thinking.js';
import { makePng } from './make-image.js';

/** Beyond what a double holds, as programs write the limits of their numbers into schemas. */
export const BIG_INTEGER = '18446744073709551615';

const TOOL_NAMES = [
  ...['read_file', 'write_file', 'edit_file', 'list_files', 'search_text', 'run_command', 'stop_command'],
  ...['fetch_page', 'make_plan', 'ask_user', 'start_helper', 'look_at_image'],
];
const IMAGE = makePng(8, 8).toString('base64');
const MARK = '"@big"';

/**
 * The first request of a coding agent in Anthropic's dialect, as JSON of about 50 KB: long instructions with cache marks, a
 * picture, signed thinking, parallel calls with their results, a dozen tools.
 */
export function agentMessagesRequest(model: string): string {
  return toText({
    model,
    max_tokens: 32_000,
    stream: true,
    system: [
      { type: 'text', text: 'You work on programs.' },
      { type: 'text', text: rules(130), cache_control: { type: 'ephemeral' } },
    ],
    messages: [
      {
        role: 'user',
        content: [
          { type: 'text', text: `<files>\n${listing(220)}\n</files>` },
          { type: 'image', source: { type: 'base64', media_type: 'image/png', data: IMAGE } },
          { type: 'text', text: 'Make the button look as in the picture.', cache_control: { type: 'ephemeral' } },
        ],
      },
      {
        role: 'assistant',
        content: [
          fakeThinking('The styles first.'),
          { type: 'text', text: 'I will look at the styles.' },
          { type: 'tool_use', id: 'toolu_01A', name: 'read_file', input: { path: 'src/button.css', offset: '@big' } },
          { type: 'tool_use', id: 'toolu_01B', name: 'look_at_image', input: { path: 'now.png' } },
        ],
      },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 'toolu_01A', is_error: true, content: 'There is no such file.' },
          {
            type: 'tool_result',
            tool_use_id: 'toolu_01B',
            content: [
              { type: 'text', text: 'It is grey.' },
              { type: 'image', source: { type: 'base64', media_type: 'image/png', data: IMAGE } },
            ],
          },
        ],
      },
    ],
    tools: TOOL_NAMES.map((name) => ({ name, description: describe(name), input_schema: schemaOf(name) })),
    tool_choice: { type: 'auto' },
    thinking: { type: 'adaptive' },
    output_config: { effort: 'medium' },
    context_management: { edits: [{ type: 'clear_thinking_20251015', keep: 'all' }] },
    metadata: { user_id: 'user_7_session_9' },
  });
}

/** The same in OpenAI's Responses: sealed reasoning, a tool with a grammar, one that OpenAI runs. */
export function agentResponsesRequest(model: string): string {
  return toText({
    model,
    stream: true,
    store: false,
    instructions: rules(130),
    input: [
      { type: 'message', role: 'developer', content: [{ type: 'input_text', text: 'Ask before you delete.' }] },
      {
        type: 'message',
        role: 'user',
        content: [
          { type: 'input_text', text: `<files>\n${listing(220)}\n</files>` },
          { type: 'input_image', detail: 'auto', image_url: `data:image/png;base64,${IMAGE}` },
          { type: 'input_text', text: 'Make the button look as in the picture.' },
        ],
      },
      { type: 'reasoning', id: 'rs_01', summary: [], encrypted_content: 'c2VhbGVk' },
      {
        type: 'function_call',
        call_id: 'call_01A',
        name: 'read_file',
        arguments: `{"path":"src/button.css","offset":${BIG_INTEGER}}`,
      },
      { type: 'function_call', call_id: 'call_01B', name: 'list_files', arguments: '{"path":"."}' },
      { type: 'function_call_output', call_id: 'call_01A', output: 'There is no such file.' },
      { type: 'function_call_output', call_id: 'call_01B', output: [{ type: 'input_text', text: 'button.scss' }] },
    ],
    tools: [
      ...TOOL_NAMES.map((name) => ({
        type: 'function',
        name,
        description: describe(name),
        strict: false,
        parameters: schemaOf(name),
      })),
      {
        type: 'custom',
        name: 'apply_patch',
        description: 'Changes files by a patch.',
        format: { type: 'grammar', syntax: 'lark', definition: 'start: "*** Begin" /(.|\\n)+/' },
      },
      { type: 'web_search', search_context_size: 'low' },
    ],
    tool_choice: 'auto',
    parallel_tool_calls: true,
    reasoning: { effort: 'medium', summary: 'auto' },
    include: ['reasoning.encrypted_content'],
    text: { verbosity: 'low' },
    prompt_cache_key: 'session-9',
  });
}

function toText(body: object): string {
  return JSON.stringify(body).replaceAll(MARK, BIG_INTEGER);
}

function rules(count: number): string {
  return Array.from(
    { length: count },
    (_, index) =>
      `${String(index + 1)}. Before you change part ${String(index * 7)} of a program, read what stands around it; after it, run the tests that look at it, and say in a sentence what you have seen. „Fertig“ heißt: es läuft.`,
  ).join('\n');
}

function listing(count: number): string {
  return Array.from({ length: count }, (_, index) => {
    const folder = ['src/parts', 'src/pages', 'test', 'docs/notes'][index % 4] ?? 'src';
    return `-rw-r--r-- ${String(1_024 + index * 37)} ${folder}/file-${String(index)}.${index % 3 === 0 ? 'css' : 'ts'}`;
  }).join('\n');
}

function describe(name: string): string {
  return `\`${name}\`: ${rules(2)}`;
}

function schemaOf(name: string): object {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    type: 'object',
    properties: {
      path: { type: 'string', description: `What ${name} works on, from the root of the project.` },
      offset: { type: 'integer', minimum: 0, maximum: '@big' },
      lines: { type: 'array', items: { type: 'object', properties: { text: { type: 'string' } } } },
      mode: { enum: ['once', 'always', null] },
    },
    required: ['path'],
    additionalProperties: false,
  };
}
