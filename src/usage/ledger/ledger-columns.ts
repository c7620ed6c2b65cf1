/** Names of columns with their types. */
export type Columns = Readonly<Record<string, string>>;

const TOKENS: Columns = {
  input_tokens: 'bigint',
  cached_input_tokens: 'bigint',
  cache_write_5m_tokens: 'bigint',
  cache_write_1h_tokens: 'bigint',
  output_tokens: 'bigint',
  reasoning_tokens: 'bigint',
  image_input_tokens: 'bigint',
  audio_input_tokens: 'bigint',
  audio_output_tokens: 'bigint',
  image_output_tokens: 'bigint',
  images: 'bigint',
  audio_input_seconds: 'bigint',
  audio_output_seconds: 'bigint',
  characters: 'bigint',
  searches: 'bigint',
  estimated: 'boolean',
};

/** What an entry may leave out, and what it means then. */
const DEFAULTS: Readonly<Record<string, string>> = {
  ...Object.fromEntries(Object.keys(TOKENS).map((name) => [name, '0'])),
  estimated: 'false',
  duration_ms: '0',
  is_aside: 'false',
};

/** The columns of `usage_request`. */
export const REQUEST: Columns = {
  id: 'text',
  instance_id: 'text',
  request_id: 'text',
  project_id: 'text',
  key_id: 'text',
  surface: 'text',
  operation: 'text',
  requested_model: 'text',
  provider: 'text',
  model: 'text',
  status: 'text',
  error_code: 'text',
  ...TOKENS,
  cost_usd: 'numeric',
  tags: 'text[]',
  started_at: 'timestamptz',
  duration_ms: 'integer',
  first_content_ms: 'integer',
  saved_usd: 'numeric',
};

/** The columns of `usage_attempt`. */
export const ATTEMPT: Columns = {
  usage_request_id: 'text',
  n: 'integer',
  provider: 'text',
  model: 'text',
  credential: 'text',
  outcome: 'text',
  error_kind: 'text',
  ...TOKENS,
  cost_usd: 'numeric',
  duration_ms: 'integer',
  offset_ms: 'integer',
  first_content_ms: 'integer',
  purpose: 'text',
  is_aside: 'boolean',
};

/** The columns of `usage_charge`. */
export const CHARGE: Columns = {
  usage_request_id: 'text',
  budget_id: 'text',
  period_start: 'timestamptz',
  reserved_usd: 'numeric',
  spent_usd: 'numeric',
};

/** Their names, for a list of columns. */
export function namesOf(columns: Columns): string {
  return Object.keys(columns).join(', ');
}

/** What stands in each column where `row` may lack it. */
export function valuesOf(columns: Columns): string {
  return Object.keys(columns)
    .map((name) => (name in DEFAULTS ? `coalesce(${name}, ${String(DEFAULTS[name])})` : name))
    .join(', ');
}

/** A parameter that is a JSON array of objects, as rows named `row`; there is no limit to their number. */
export function rowsOf(parameter: string, columns: Columns): string {
  const typed = Object.entries(columns).map(([name, type]) => `${name} ${type}`);
  return `json_to_recordset(${parameter}::json) as row(${typed.join(', ')})`;
}
