import type { ConfigurationProblem } from './configuration-error.js';
import type { EnvironmentVariables } from './environment-variables.js';

/** Whose tokens are taken in place of keys, and what their claims mean. */
export interface JwtConfig {
  readonly jwksUrl: string;
  readonly issuer: string;
  readonly audience: string;
  /** The claim that holds the id of a project. */
  readonly projectClaim: string;
  /** The claim that holds scopes, as a list or as a text with blanks between them. */
  readonly scopesClaim: string;
}

/** What the environment says about keys; type and injection token in one. */
export abstract class AuthConfig {
  /** `TRUNKLINE_ADMIN_KEY`: ensured as an admin key at every start; null means that the first start makes one. */
  abstract readonly adminKey: string | null;
  /** Null when only keys are taken. */
  abstract readonly jwt: JwtConfig | null;
  /** How long an entry of the audit log is kept. */
  abstract readonly auditRetentionDays: number;
}

type JwtVariable = Extract<keyof EnvironmentVariables, `JWT_${string}`>;

const NEEDED: readonly JwtVariable[] = ['JWT_JWKS_URL', 'JWT_ISSUER', 'JWT_AUDIENCE'];
const OPTIONAL: readonly JwtVariable[] = ['JWT_PROJECT_CLAIM', 'JWT_SCOPES_CLAIM'];
const PROJECT_CLAIM = 'trunkline_project';
const SCOPES_CLAIM = 'scope';

/** What the variables say about keys; a JWT setting that lacks another one is added to `problems`. */
export function toAuthConfig(variables: EnvironmentVariables, problems: ConfigurationProblem[]): AuthConfig {
  const isWanted = [...NEEDED, ...OPTIONAL].some((name) => variables[name] !== null);
  for (const name of NEEDED) {
    if (!isWanted || variables[name] !== null) continue;
    problems.push({ where: name, message: `is needed to accept JWTs, together with ${othersOf(name)}` });
  }
  return {
    adminKey: variables.TRUNKLINE_ADMIN_KEY,
    auditRetentionDays: variables.AUDIT_RETENTION_DAYS,
    jwt: isWanted
      ? {
          jwksUrl: variables.JWT_JWKS_URL ?? '',
          issuer: variables.JWT_ISSUER ?? '',
          audience: variables.JWT_AUDIENCE ?? '',
          projectClaim: variables.JWT_PROJECT_CLAIM ?? PROJECT_CLAIM,
          scopesClaim: variables.JWT_SCOPES_CLAIM ?? SCOPES_CLAIM,
        }
      : null,
  };
}

function othersOf(name: JwtVariable): string {
  return NEEDED.filter((other) => other !== name).join(' and ');
}
