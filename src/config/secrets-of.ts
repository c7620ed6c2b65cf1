import type { Environment } from './environment.js';

/** Every secret that the configuration holds, as it stands there. */
export function secretsOf({ auth, database, gateway, redis, secrets, tracing }: Environment): string[] {
  const { http, mcpServers } = gateway.tools;
  const providers = gateway.providers.flatMap(({ apiKeys, headers }) => [...apiKeys, ...Object.values(headers)]);
  const tools = http.flatMap(({ headers }) => Object.values(headers));
  const servers = mcpServers.flatMap(({ transport }) =>
    transport.kind === 'http' ? Object.values(transport.headers) : secretValuesOf(transport.env),
  );
  const traces = Object.values(tracing.export?.headers ?? {});
  const passwords = [database.url, redis.url].flatMap(passwordsOf);
  return [
    auth.adminKey,
    secrets.secret,
    secrets.previous,
    ...passwords,
    ...providers,
    ...tools,
    ...servers,
    ...traces,
  ].filter((secret) => secret !== null);
}

// The other variables of a program are words that a log needs.
function secretValuesOf(variables: Readonly<Record<string, string>>): string[] {
  return Object.entries(variables).flatMap(([name, value]) => (/key|token|secret|pass/i.test(name) ? [value] : []));
}

// As it stands in the URL, and as it is.
function passwordsOf(url: string | null): string[] {
  if (url === null || !URL.canParse(url)) return [];
  const { password } = new URL(url);
  return password === '' ? [] : [password, decoded(password)];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
