import { ExactNumber } from '../../core/exact-number.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json.js';

type Check = (value: JsonValue) => boolean;

// The canonical request carries no number more exactly than a double.
const always: Check = (value) => !(value instanceof ExactNumber);
const isText: Check = (value) => typeof value === 'string';
const isTextOrNull: Check = (value) => value === null || typeof value === 'string';
const isNull: Check = (value) => value === null;
const isOneOf =
  (...words: string[]): Check =>
  (value) =>
    typeof value === 'string' && words.includes(value);
const listOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check);
const isEither =
  (...checks: Check[]): Check =>
  (value) =>
    checks.some((check) => check(value));

/** An object with no other members than these; a member that is not there is fine. */
function objectOf(members: Readonly<Record<string, Check>>): Check {
  return (value) =>
    isJsonObject(value) &&
    Object.entries(value).every(([key, member]) => {
      const check = Object.hasOwn(members, key) ? members[key] : undefined;
      return check !== undefined && (member === undefined || check(member));
    });
}

const CONTENT = isEither(
  isTextOrNull,
  listOf(
    isEither(
      objectOf({ type: isOneOf('text'), text: isText }),
      objectOf({ type: isOneOf('image_url'), image_url: objectOf({ url: isText, detail: isTextOrNull }) }),
    ),
  ),
);
const TOOL_CALL = objectOf({
  id: isText,
  type: isOneOf('function'),
  function: objectOf({ name: isText, arguments: isText }),
});
const MESSAGE = objectOf({
  // What `developer` means is the provider's to say.
  role: isOneOf('system', 'user', 'assistant', 'tool'),
  content: CONTENT,
  name: isTextOrNull,
  refusal: isNull,
  tool_calls: isEither(isNull, listOf(TOOL_CALL)),
  tool_call_id: isTextOrNull,
});
const TOOL = objectOf({
  type: isOneOf('function'),
  function: objectOf({ name: isText, description: isTextOrNull, parameters: always, strict: always }),
});
const BODY = objectOf({
  ...Object.fromEntries(
    [
      ...['model', 'stream', 'stream_options', 'max_tokens', 'max_completion_tokens', 'temperature', 'top_p', 'stop'],
      ...['seed', 'presence_penalty', 'frequency_penalty', 'n', 'logprobs', 'top_logprobs', 'logit_bias'],
      ...['reasoning_effort', 'parallel_tool_calls', 'user'],
    ].map((key) => [key, always]),
  ),
  messages: listOf(MESSAGE),
  tools: isEither(isNull, listOf(TOOL)),
  tool_choice: isEither(isTextOrNull, objectOf({ type: isOneOf('function'), function: objectOf({ name: isText }) })),
  response_format: isEither(
    isNull,
    objectOf({
      type: isText,
      json_schema: objectOf({ name: isText, schema: always, description: isTextOrNull, strict: always }),
    }),
  ),
});

/** Whether a body of OpenAI's chat says nothing that the canonical request does not carry: then that alone tells it apart. */
export function isPlainBody(body: JsonObject): boolean {
  const hasTwoLimits = body.max_tokens !== undefined && body.max_completion_tokens !== undefined;
  return !hasTwoLimits && BODY(body);
}
