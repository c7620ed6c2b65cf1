import { isJsonObject, type JsonObject, type JsonValue } from '../core/json.js';

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

/** The addresses of files in the results of calls, in a list of the Responses API's items. */
export function urlsInOutputs(input: readonly JsonObject[]): GivenUrl[] {
  return input.flatMap(({ output }, index) => urlsIn(output, `input[${String(index)}].output`, 'file_url'));
}
