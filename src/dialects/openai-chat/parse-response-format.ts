import type { ResponseFormat } from '../../core/chat/chat-request.js';
import type { JsonValue } from '../../core/json.js';
import { checkJsonSchema } from '../check-json-schema.js';
import { readBoolean, readObject, readString, refuse, requireObject, requireString } from '../read-parameters.js';

const NAME = /^[A-Za-z0-9_-]{1,64}$/;

/** Reads `response_format`; undefined when the client did not ask for one. */
export function parseResponseFormat(value: JsonValue | undefined, path: string): ResponseFormat | undefined {
  const format = readObject(value, path);
  if (!format) return undefined;
  switch (requireString(format.type, `${path}.type`)) {
    case 'text':
      return { type: 'text' };
    case 'json_object':
      return { type: 'json-object' };
    case 'json_schema':
      return parseSchemaFormat(format.json_schema, `${path}.json_schema`);
    default:
      return refuse('invalid_value', `${path}.type`, `\`${path}.type\` must be text, json_object or json_schema.`);
  }
}

/** The members of a form by a JSON Schema: its name, the schema, and how strictly it is meant. */
export function parseSchemaFormat(value: JsonValue | undefined, path: string): ResponseFormat {
  const format = requireObject(value, path);
  const name = requireString(format.name, `${path}.name`);
  if (!NAME.test(name)) {
    return refuse(
      'invalid_value',
      `${path}.name`,
      `\`${path}.name\` must be 1 to 64 letters, digits, underscores or hyphens.`,
    );
  }
  const schema = readObject(format.schema, `${path}.schema`) ?? {};
  checkJsonSchema(schema, `${path}.schema`);
  return {
    type: 'json-schema',
    name,
    schema,
    description: readString(format.description, `${path}.description`),
    strict: readBoolean(format.strict, `${path}.strict`),
  };
}
