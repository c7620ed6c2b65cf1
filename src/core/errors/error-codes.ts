/** What kind of failure a code stands for; dialects and the status table are written in these terms. */
export type ErrorCategory =
  | 'invalid-request'
  | 'authentication'
  | 'permission'
  | 'not-found'
  | 'conflict'
  | 'too-large'
  | 'rate-limit'
  | 'server'
  | 'upstream';

/** Every code a client can meet, with its category and HTTP-free meaning. The list is closed; `docs/errors.md` shows it. */
export const ERROR_CODES = {
  invalid_json: 'invalid-request',
  invalid_request_body: 'invalid-request',
  invalid_utf8: 'invalid-request',
  invalid_encoding: 'invalid-request',
  invalid_value: 'invalid-request',
  invalid_type: 'invalid-request',
  invalid_query: 'invalid-request',
  invalid_id: 'invalid-request',
  missing_required_parameter: 'invalid-request',
  unknown_parameter: 'invalid-request',
  array_too_long: 'invalid-request',
  string_too_long: 'invalid-request',
  invalid_character: 'invalid-request',
  invalid_unicode: 'invalid-request',
  nesting_too_deep: 'invalid-request',
  invalid_cursor: 'invalid-request',
  invalid_schema: 'invalid-request',
  invalid_metadata: 'invalid-request',
  invalid_tool_sequence: 'invalid-request',
  invalid_data_url: 'invalid-request',
  url_not_allowed: 'invalid-request',
  context_length_exceeded: 'invalid-request',
  content_filter: 'invalid-request',
  upstream_rejected_request: 'invalid-request',
  unsupported_capability: 'invalid-request',
  model_not_priced: 'invalid-request',
  unpriced_parameter: 'invalid-request',
  missing_api_key: 'authentication',
  invalid_api_key: 'authentication',
  ambiguous_credentials: 'authentication',
  insufficient_scope: 'permission',
  model_not_allowed: 'permission',
  forbidden_field: 'permission',
  not_found: 'not-found',
  model_not_found: 'not-found',
  collection_not_found: 'not-found',
  method_not_allowed: 'invalid-request',
  request_timeout: 'invalid-request',
  conflict: 'conflict',
  embedding_model_mismatch: 'conflict',
  invalid_state: 'conflict',
  last_admin_key: 'conflict',
  request_too_large: 'too-large',
  unsupported_media_type: 'invalid-request',
  unsupported_charset: 'invalid-request',
  unsupported_encoding: 'invalid-request',
  expectation_failed: 'invalid-request',
  output_schema_mismatch: 'invalid-request',
  rate_limit_exceeded: 'rate-limit',
  concurrency_limit: 'rate-limit',
  insufficient_quota: 'rate-limit',
  too_many_auth_failures: 'rate-limit',
  upstream_rate_limited: 'rate-limit',
  internal_error: 'server',
  dependency_unavailable: 'server',
  overloaded: 'server',
  server_shutting_down: 'server',
  no_healthy_upstream: 'server',
  upstream_unreachable: 'upstream',
  upstream_error: 'upstream',
  upstream_auth_failed: 'upstream',
  upstream_quota_exhausted: 'upstream',
  upstream_model_unavailable: 'upstream',
  upstream_overloaded: 'upstream',
  upstream_timeout: 'upstream',
  upstream_stream_interrupted: 'upstream',
  malformed_response: 'upstream',
  response_too_large: 'upstream',
} as const satisfies Record<string, ErrorCategory>;

export type ErrorCode = keyof typeof ERROR_CODES;
