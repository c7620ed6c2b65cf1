import { describe, expect, it } from '@jest/globals';
import { InvalidRequestError } from '../../core/errors/app-error.js';
import type { JsonObject } from '../../core/json.js';
import { parseResponsesRequest } from './parse-responses-request.js';
import { sealThought } from './sealed-thought.js';
import { withEarlierItems } from './with-earlier-items.js';

const ASKED = { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Find it.' }] };
const CALL = { type: 'function_call', id: 'fc_1', call_id: 'a', name: 'find', arguments: '{}', status: 'completed' };
const RESULT = { type: 'function_call_output', call_id: 'a', output: 'Found.' };

function read(rest: JsonObject): ReturnType<typeof parseResponsesRequest> {
  return parseResponsesRequest({ model: 'm', ...rest });
}

describe(withEarlierItems.name, () => {
  it('sends the body as it came but for what is the gateway’s own', () => {
    const body = { input: 'Hello.', top_k_of_tomorrow: 1, background: true, store: true, conversation: null };
    const { source, messages } = withEarlierItems(read(body), []);
    expect(source).toEqual({
      dialect: 'openai-responses',
      body: {
        model: 'm',
        input: 'Hello.',
        top_k_of_tomorrow: 1,
        store: false,
        include: ['reasoning.encrypted_content'],
      },
    });
    expect(messages).toHaveLength(1);
  });

  it('puts what was said before behind the instructions, and counts it', () => {
    const request = read({
      input: [RESULT],
      instructions: 'Be brief.',
      previous_response_id: 'resp_1',
      include: ['x'],
    });
    const chat = withEarlierItems(request, [ASKED, CALL]);
    expect(chat.messages.map(({ role }) => role)).toEqual(['system', 'user', 'assistant', 'tool']);
    expect(chat.earlierMessages).toBe(3);
    expect(chat.source?.body).toEqual({
      model: 'm',
      instructions: 'Be brief.',
      input: [ASKED, CALL, RESULT],
      store: false,
      include: ['x', 'reasoning.encrypted_content'],
    });
  });

  it('puts stored items where they are named', () => {
    const request = read({ input: [ASKED, { type: 'item_reference', id: 'fc_1' }, RESULT, { id: 'msg_2' }] });
    const last = { type: 'message', id: 'msg_2', role: 'user', content: 'Thanks.' };
    const chat = withEarlierItems(
      request,
      [],
      new Map<string, JsonObject>([
        ['fc_1', CALL],
        ['msg_2', last],
      ]),
    );
    expect(chat.messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'tool', 'user']);
    expect(chat.source?.body.input).toEqual([ASKED, CALL, RESULT, last]);
    expect(() => withEarlierItems(request, [])).toThrow(
      expect.objectContaining({ code: 'not_found', param: 'input[1]' }),
    );
  });

  it('keeps from OpenAI the thoughts that it cannot know, and calls that broke off', () => {
    const seal = sealThought({ signature: 's', signedBy: 'anthropic', model: 'claude' });
    const summary = [{ type: 'summary_text', text: 'Hm.' }];
    const ours = { type: 'reasoning', id: 'rs_1', summary, encrypted_content: seal };
    const bare = { type: 'reasoning', id: 'rs_2', summary };
    const theirs = { type: 'reasoning', id: 'rs_3', summary, encrypted_content: 'gAAA' };
    const open = { type: 'reasoning', id: 'rs_4', summary: [], content: [{ type: 'reasoning_text', text: 'Hm.' }] };
    const broken = { ...CALL, call_id: 'b', arguments: '{"q', status: 'incomplete' };
    const request = read({ input: 'Go on.', previous_response_id: 'resp_1' });
    const chat = withEarlierItems(request, [ASKED, ours, bare, theirs, open, broken]);
    expect(chat.messages[1]?.content).toEqual([
      { type: 'reasoning', text: 'Hm.', signature: 's', signedBy: 'anthropic', model: 'claude' },
      { type: 'reasoning', text: 'Hm.' },
      { type: 'reasoning', text: 'Hm.', signature: 'gAAA', signedBy: 'openai' },
      { type: 'reasoning', text: 'Hm.' },
    ]);
    expect(chat.source?.body.input).toEqual([ASKED, theirs, open, ...request.input]);
  });

  it('names earlier items that others do not know, and suffers broken ones', () => {
    const request = read({ input: 'Go on.', previous_response_id: 'resp_1', truncation: 'auto' });
    const earlier = [
      { type: 'web_search_call', id: 'ws_1' },
      { type: 'function_call', name: 'f' },
    ];
    const chat = withEarlierItems(request, earlier);
    expect(chat.extraParameters).toEqual(['truncation', 'input (web_search_call)', 'input (function_call)']);
    expect(chat.messages).toHaveLength(1);
  });

  it('names what is lost of stored items that are named, and nothing twice', () => {
    const sent = [{ type: 'computer_call', id: 'c' }, { type: 'item_reference', id: 'ws_1' }, ASKED];
    const chat = withEarlierItems(
      read({ input: sent }),
      [],
      new Map([['ws_1', { type: 'web_search_call', id: 'ws_1' }]]),
    );
    expect(chat.extraParameters).toEqual(['input[0] (computer_call)', 'input[1] (web_search_call)']);
  });

  it.each<[string, JsonObject, JsonObject[], string | null]>([
    ['a call of before has no result', { input: 'Go on.', previous_response_id: 'resp_1' }, [ASKED, CALL], 'input'],
    ['a result has no call', { input: [RESULT], previous_response_id: 'resp_1' }, [ASKED], 'input[0].call_id'],
    ['a call has two results', { input: [RESULT], previous_response_id: 'resp_1' }, [CALL, RESULT], 'input[0].call_id'],
    ['a call is there twice', { input: [CALL, RESULT], previous_response_id: 'resp_1' }, [CALL], 'input[0].call_id'],
  ])('refuses the whole when %s', (_what, body, earlier, param) => {
    const request = read(body);
    const refused = expect.objectContaining({ code: 'invalid_tool_sequence', param });
    expect(() => withEarlierItems(request, earlier)).toThrow(refused);
  });

  it('refuses what holds nothing to be answered, unless a conversation does', () => {
    const nothing = read({ previous_response_id: 'resp_1' });
    expect(() => withEarlierItems(nothing, [])).toThrow(InvalidRequestError);
    const unknown = read({ input: [{ type: 'computer_call', id: 'c' }], instructions: 'Be brief.' });
    expect(() => withEarlierItems(unknown, [])).toThrow(InvalidRequestError);
    expect(withEarlierItems(read({ input: [{ role: 'system', content: 'Go.' }] }), []).messages).toHaveLength(1);
    const inConversation = withEarlierItems(read({ conversation: 'conv_1', input: [RESULT] }), []);
    expect(inConversation.messages.map(({ role }) => role)).toEqual(['tool']);
    expect(inConversation.source?.body.conversation).toBeUndefined();
  });
});
