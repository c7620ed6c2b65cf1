import { isJsonObject, type JsonObject, type JsonValue } from '../core/json.js';

const INLINE = /^\s*data:/i;

/** An address, and the parameter that it came in. */
export interface GivenUrl {
  url: string;
  param: string;
}

/** The addresses under `name` in the objects of a list, each with its path. */
export function urlsIn(list: JsonValue | undefined, path: string, name: string): GivenUrl[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((item, index) => {
    const url = isJsonObject(item) ? item[name] : undefined;
    return typeof url === 'string' ? [{ url, param: `${path}[${String(index)}].${name}` }] : [];
  });
}

/**
 * The addresses in a body of the Responses API that only the provider reads: of servers and masks in its tools, of files and
 * screenshots in the results of calls.
 */
export function urlsForOpenAi(tools: JsonValue | undefined, input: readonly JsonObject[]): GivenUrl[] {
  const masks = Array.isArray(tools)
    ? tools.flatMap((tool, index) =>
        isJsonObject(tool) ? urlsOf(tool.input_image_mask, `tools[${String(index)}].input_image_mask`) : [],
      )
    : [];
  const outputs = input.flatMap(({ output }, index) => {
    const path = `input[${String(index)}].output`;
    return Array.isArray(output) ? urlsIn(output, path, 'file_url') : urlsOf(output, path);
  });
  return [...urlsIn(tools, 'tools', 'server_url'), ...masks, ...outputs];
}

// What stands in the body itself leads nowhere.
function urlsOf(value: JsonValue | undefined, path: string): GivenUrl[] {
  if (!isJsonObject(value)) return [];
  return ['image_url', 'file_url'].flatMap((name) => {
    const url = value[name];
    return typeof url === 'string' && !INLINE.test(url) ? [{ url, param: `${path}.${name}` }] : [];
  });
}
