import fc from 'fast-check';
import type {
  AssistantPart,
  ChatMessage,
  ChatRequest,
  ToolChoice,
  ToolDefinition,
  UserPart,
} from '../../../../src/core/chat/chat-request.js';

// Something to see in each: vendors refuse texts of white space alone.
const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }).map((words) => `${words}.`);
const data = fc.uint8Array({ minLength: 1, maxLength: 9 }).map((bytes) => Buffer.from(bytes).toString('base64'));
const name = fc.stringMatching(/^[a-z][a-z0-9_]{0,12}$/);

const userPart: fc.Arbitrary<UserPart> = fc.oneof(
  { weight: 3, arbitrary: text.map((words): UserPart => ({ type: 'text', text: words })) },
  {
    weight: 1,
    arbitrary: data.map((image): UserPart => ({
      type: 'image',
      source: { kind: 'base64', mediaType: 'image/png', data: image },
    })),
  },
  {
    weight: 1,
    arbitrary: data.map((paper): UserPart => ({
      type: 'file',
      source: { kind: 'base64', mediaType: 'application/pdf', data: paper },
      filename: 'paper.pdf',
    })),
  },
);

// Integers of any size: the arguments of a call are JSON texts, and keep theirs.
const argumentsText = fc
  .dictionary(name, fc.oneof(text, fc.boolean(), fc.bigInt()), { maxKeys: 3, noNullPrototype: true })
  .map(
    (members) =>
      `{${Object.entries(members)
        .map(
          ([key, value]) =>
            `${JSON.stringify(key)}:${typeof value === 'bigint' ? String(value) : JSON.stringify(value)}`,
        )
        .join(',')}}`,
  );

const call = fc.record({
  id: fc.stringMatching(/^call_[A-Za-z0-9]{8,12}$/),
  name,
  arguments: argumentsText,
  result: text,
});

type Turn = (ChatMessage & { role: 'user' | 'assistant' | 'tool' })[];

const userTurn: fc.Arbitrary<Turn> = fc
  .array(userPart, { minLength: 1, maxLength: 3 })
  .map((content) => [{ role: 'user', content }]);

const callingTurn: fc.Arbitrary<Turn> = fc
  .record({
    words: fc.option(text, { nil: null }),
    calls: fc.uniqueArray(call, { selector: ({ id }) => id, maxLength: 3 }),
  })
  .map(({ words, calls }) => {
    const said = words ?? (calls.length === 0 ? 'Yes.' : null);
    const content: AssistantPart[] = [
      ...(said === null ? [] : [{ type: 'text' as const, text: said }]),
      ...calls.map((each): AssistantPart => ({
        type: 'tool-call',
        id: each.id,
        name: each.name,
        arguments: each.arguments,
      })),
    ];
    const results = calls.map(({ id, result }): Turn[number] => ({
      role: 'tool',
      toolCallId: id,
      content: [{ type: 'text', text: result }],
    }));
    return [{ role: 'assistant', content }, ...results];
  });

const tool: fc.Arbitrary<ToolDefinition> = fc.record({
  name,
  description: text,
  parameters: fc.uniqueArray(name, { maxLength: 3 }).map((names) => ({
    type: 'object',
    properties: Object.fromEntries(names.map((each) => [each, { type: 'string' }])),
  })),
});

const choice: fc.Arbitrary<ToolChoice['type'] | undefined> = fc.constantFrom(
  'auto',
  'none',
  'required',
  'tool',
  undefined,
);

/** Requests with nothing in them that some vendor has no words for. */
export const anyRequest: fc.Arbitrary<ChatRequest> = fc
  .record({
    system: fc.option(text, { nil: null }),
    turns: fc.array(fc.tuple(userTurn, callingTurn), { maxLength: 3 }),
    last: userTurn,
    tools: fc.uniqueArray(tool, { selector: (each) => each.name, maxLength: 3 }),
    choice,
    isSerial: fc.boolean(),
    // OpenAI's Responses take no lower one.
    limit: fc.integer({ min: 16, max: 4_096 }),
    temperature: fc.option(fc.integer({ min: 0, max: 10 }), { nil: undefined }),
    stream: fc.boolean(),
  })
  .map(({ system, turns, last, tools: offered, choice: type, isSerial, limit, temperature, stream }): ChatRequest => {
    const tools = withCalled(offered, turns.flat(2));
    const first = tools[0]?.name ?? '';
    const toolChoice = type === 'tool' ? { type, name: first } : type && { type };
    return {
      model: 'm',
      stream,
      messages: [
        ...(system === null ? [] : [{ role: 'system' as const, content: [{ type: 'text' as const, text: system }] }]),
        ...turns.flatMap(([user, assistant]) => [...user, ...assistant]),
        ...last,
      ],
      maxOutputTokens: limit,
      ...(temperature !== undefined && { temperature: temperature / 10 }),
      ...(tools.length > 0 && { tools, toolChoice }),
      ...(tools.length > 0 && isSerial && type !== 'none' && { parallelToolCalls: false }),
    };
  });

// What was called before can still be called: vendors may want to know of it.
function withCalled(tools: readonly ToolDefinition[], messages: readonly ChatMessage[]): ToolDefinition[] {
  const known = new Map(tools.map((each) => [each.name, each]));
  for (const { content } of messages) {
    for (const part of content) {
      if (part.type !== 'tool-call' || known.has(part.name)) continue;
      known.set(part.name, { name: part.name, description: 'Called.', parameters: { type: 'object', properties: {} } });
    }
  }
  return [...known.values()];
}
