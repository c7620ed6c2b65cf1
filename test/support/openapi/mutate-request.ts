import fc from 'fast-check';
import type { ApiRequest } from './arbitrary-requests.js';

/** Addresses that nobody may ask, for fields that name some. */
export interface Traps {
  readonly urls: readonly string[];
}

type Tree = null | boolean | number | string | Tree[] | { [name: string]: Tree };
type Change = (request: ApiRequest) => ApiRequest;

const VALUES = [
  ...[
    'null',
    'true',
    '0',
    '-1',
    '1.5',
    '1e999',
    '-1e400',
    '9007199254740993',
    '1e-400',
    '""',
    '" "',
    '"x"',
    '[]',
    '{}',
  ],
  ...['[null]', '[[]]', '[{}]', '"\\u0000"', '"a\\ud83d"', '"\\ude00"', '"../../etc/passwd"', '"file:///etc/passwd"'],
  ...[`"x' or 1=1--"`, '"${7*7}"', '"\\u202e\\u0301\\ufeff"', '{"__proto__":{"polluted":true}}', '{"$ne":1}'],
  ...['{"constructor":{"prototype":{"polluted":true}}}', '{"toString":1,"hasOwnProperty":2,"then":3}', '"__proto__"'],
  `"${'long '.repeat(40_000)}"`,
  `[${'0,'.repeat(3_000)}0]`,
  '['.repeat(2_000) + ']'.repeat(2_000),
  `{${Array.from({ length: 2_000 }, (_, index) => `"k${String(index)}":1`).join(',')}}`,
];
const MEMBERS = [
  ...['"__proto__":{"polluted":true}', '"constructor":{"prototype":{"polluted":true}}', '"unknown_field":1'],
  ...['"model":"nobody/nothing"', '"":1', '"a\\u0000b":1', '"base_url":"http://127.0.0.1/"', '"toString":"x"'],
];
const TYPES = [
  ...['text/plain', 'application/xml', 'application/x-www-form-urlencoded', 'multipart/form-data', ''],
  ...['application/json; charset=utf-16', 'application/json; charset=utf-8', 'multipart/form-data; boundary='],
];
const BODIES = [
  '',
  'null',
  '[]',
  '"x"',
  '1',
  '{',
  '{"a":',
  '{"a":1,}',
  '{"a":NaN}',
  '\ufeff{}',
  '{} {}',
  '{"a":\u0001}',
];
const IDS = [
  ...[
    '%00',
    '%ff',
    '%E0%A4%A',
    '..%2f..%2fadmin',
    '__proto__',
    'undefined',
    '*',
    '%20',
    `x'%20or%201=1--`,
    '%0d%0aX:1',
  ],
  ...['%F0%9F%98%80', 'a'.repeat(3_000), `job_${'0'.repeat(24)}`, '-1', 'constructor', 'a;b', '{id}'],
];
const QUERIES = [
  ...['limit=0', 'limit=-1', 'limit=1e9', 'limit=abc', 'limit=1&limit=2', 'after=garbage', 'after=%00', 'order=drop'],
  ...[
    'a[b]=1',
    '__proto__[x]=1',
    '__proto__=1',
    'constructor=1',
    '%ff=1',
    'a=%E0%A4%A',
    'from=99999-01-01',
    'from=2026-02-30',
  ],
  ...['time_zone=Nowhere/Land', 'group_by=key_hash', 'format=exe', 'stream=maybe', 'status=nope', 'unknown=1', '&&&=='],
];
const HEADERS: readonly (readonly [string, string])[] = [
  ...(['idempotency-key', 'idempotency-key'] as const).map((name, index) => [name, 'i'.repeat(index * 300)] as const),
  ['x-request-id', 'a'.repeat(5_000)],
  ['x-request-id', '"><script>'],
  ['x-trunkline-timeout-ms', 'NaN'],
  ['x-trunkline-tags', 'a,"b'.repeat(200)],
  ['x-trunkline-cache-ttl', '-1'],
  ['cache-control', 'max-age=-1, no-store, \u00fc'],
  ['anthropic-version', 'tomorrow'],
  ['anthropic-beta', 'nobody-knows-2099-01-01'],
  ['accept', 'image/png'],
  ['content-encoding', 'gzip'],
  ['range', 'bytes=0-1'],
  ['x-http-method-override', 'DELETE'],
  ['traceparent', '00-zz-zz-zz'],
  ['openai-organization', "'; drop table"],
];

/** Requests with one to three things wrong with them. */
export function mutated(request: fc.Arbitrary<ApiRequest>, traps: Traps): fc.Arbitrary<ApiRequest> {
  const changes = fc.array(changeOf(traps), { minLength: 1, maxLength: 3 });
  return fc.tuple(request, changes).map(([given, list]) => list.reduce((made, change) => change(made), given));
}

function changeOf(traps: Traps): fc.Arbitrary<Change> {
  const texts = [...VALUES, ...traps.urls.map((url) => JSON.stringify(url))];
  const inBody = fc.tuple(fc.nat(1_000), fc.constantFrom('replace', 'remove', 'add', 'twice', 'wrap'), fc.nat(1_000));
  return fc.oneof(
    { weight: 8, arbitrary: inBody.map(([place, kind, pick]) => changeBody(place, kind, pick, texts)) },
    { weight: 1, arbitrary: fc.constantFrom(...TYPES).map(changeType) },
    { weight: 1, arbitrary: fc.constantFrom(...BODIES).map(changeWhole) },
    { weight: 2, arbitrary: fc.constantFrom(...IDS).map(changeId) },
    { weight: 2, arbitrary: fc.constantFrom(...QUERIES).map(changeQuery) },
    { weight: 1, arbitrary: fc.constantFrom(...HEADERS).map(changeHeader) },
  );
}

const changeType =
  (type: string): Change =>
  (request) => ({ ...request, headers: { ...request.headers, 'content-type': type } });
const changeWhole =
  (body: string): Change =>
  (request) =>
    request.method === 'GET' ? request : { ...request, body };
const changeHeader =
  ([name, value]: readonly [string, string]): Change =>
  (request) => ({ ...request, headers: { ...request.headers, [name]: Buffer.from(value).toString('latin1') } });
const changeQuery =
  (query: string): Change =>
  (request) => ({ ...request, path: `${request.path}${request.path.includes('?') ? '&' : '?'}${query}` });

// Only the parts of a path that are no words of the API are ids.
const changeId =
  (id: string): Change =>
  (request) => {
    const [path = '', query] = request.path.split('?');
    const parts = path.split('/');
    const last = parts.findLastIndex((part) => /[_-]|%2F/.test(part) && !/^(?:count_tokens|input_)/.test(part));
    if (last > 2) parts[last] = id;
    return { ...request, path: query === undefined ? parts.join('/') : `${parts.join('/')}?${query}` };
  };

function changeBody(place: number, kind: string, pick: number, texts: readonly string[]): Change {
  return (request) => {
    if (request.body === null) return request;
    if (typeof request.body !== 'string') return { ...request, body: changeField(request.body, place, pick, texts) };
    const tree = parseOrNull(request.body);
    if (tree === undefined) return request;
    const target = place % countNodes(tree);
    return { ...request, body: render(tree, { left: target }, (node) => changedText(node, kind, pick, texts)) };
  };
}

function changeField(
  form: Record<string, unknown>,
  place: number,
  pick: number,
  texts: readonly string[],
): Record<string, unknown> {
  const names = Object.keys(form);
  const name = pick % 5 === 0 ? '__proto__[x]' : (names[place % Math.max(1, names.length)] ?? 'file');
  return { ...form, [name]: texts[pick % texts.length] };
}

function changedText(node: Tree, kind: string, pick: number, texts: readonly string[]): string | null {
  const text = texts[pick % texts.length] ?? 'null';
  if (kind === 'remove') return null;
  if (kind === 'wrap') return `[${JSON.stringify(node)}]`;
  const isObject = typeof node === 'object' && node !== null && !Array.isArray(node);
  if (kind === 'replace' || !isObject) return text;
  const [first] = Object.keys(node);
  const member =
    kind === 'twice' && first !== undefined ? `${JSON.stringify(first)}:${text}` : MEMBERS[pick % MEMBERS.length];
  const rest = JSON.stringify(node).slice(1, -1);
  const members = [member ?? '', rest].filter((part) => part !== '');
  // A key twice: once the bad value is the last, once the first.
  return `{${(pick % 2 === 0 ? members : members.reverse()).join(',')}}`;
}

function countNodes(tree: Tree): number {
  if (typeof tree !== 'object' || tree === null) return 1;
  return 1 + Object.values(tree).reduce((sum: number, each) => sum + countNodes(each), 0);
}

/** The tree as JSON, with the node where `at.left` comes to nothing in other words, or left out. */
function render(tree: Tree, at: { left: number }, change: (node: Tree) => string | null): string {
  if (at.left === 0) {
    at.left = -1;
    return change(tree) ?? '';
  }
  at.left -= 1;
  if (typeof tree !== 'object' || tree === null) return JSON.stringify(tree);
  if (Array.isArray(tree)) {
    return `[${tree
      .map((each) => render(each, at, change))
      .filter((text) => text !== '')
      .join(',')}]`;
  }
  const members = Object.entries(tree).map(([name, each]) => {
    const text = render(each, at, change);
    return text === '' ? '' : `${JSON.stringify(name)}:${text}`;
  });
  return `{${members.filter((text) => text !== '').join(',')}}`;
}

function parseOrNull(text: string): Tree | undefined {
  try {
    return JSON.parse(text) as Tree;
  } catch {
    return undefined;
  }
}
