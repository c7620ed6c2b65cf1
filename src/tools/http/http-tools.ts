import type { HttpToolConfig } from '../../config/tools-config.js';
import { AppError } from '../../core/errors/app-error.js';
import type { VettedFetch } from '../../egress/vetted-fetch.js';
import { type ServerTool, ToolFailure, type ToolOutput } from '../server-tool.js';
import { readHttpAnswer } from './read-http-answer.js';
import { toHttpRequest } from './to-http-request.js';

/** Above the tool's own time, which ends it first. */
const SPARE_MS = 1_000;
/** Headers that hold secrets by their names; what is shorter is none, and may well be a word of the answer. */
const SECRET_HEADER = /auth|key|token|secret|cookie|credential|password|session|signature/iu;
const SHORTEST_SECRET = 8;
/** What another header holds is taken for a secret from this length on. */
const LONG_VALUE = 20;

/** An HTTP tool, and where it comes from. */
export interface HttpTool extends Omit<HttpToolConfig, 'projects' | 'headers'> {
  /** True for a tool of the models file: it is the operator's own, and may lead anywhere. */
  readonly isTrusted: boolean;
  /** The headers, secrets and all. Rejects with ToolFailure when they cannot be had. */
  headers(): Promise<Readonly<Record<string, string>>>;
}

/** The tool as the loop runs it. */
export function toServerTool(tool: HttpTool, vetted: VettedFetch): ServerTool {
  const { name, description, parameters, timeoutMs, maxResponseBytes, isTrusted } = tool;
  return {
    name: `http:${name}`,
    kind: 'http',
    description,
    parameters,
    timeoutMs,
    run: async (input, { signal }) => {
      const headers = await tool.headers();
      const { url, ...request } = toHttpRequest({ ...tool, headers }, input);
      const bounds = { maxBytes: maxResponseBytes, timeoutMs: timeoutMs + SPARE_MS };
      const options = { ...request, ...bounds, signal, isTrusted };
      try {
        return withoutSecrets(readHttpAnswer(await vetted.fetch(url, options)), headers);
      } catch (error) {
        throw error instanceof AppError ? toFailure(error, maxResponseBytes) : error;
      }
    },
  };
}

// A server that echoes its request must not tell the model what it was sent.
function withoutSecrets(output: ToolOutput, headers: Readonly<Record<string, string>>): ToolOutput {
  const secrets = Object.entries(headers)
    .flatMap(([name, value]) => {
      const shortest = SECRET_HEADER.test(name) ? SHORTEST_SECRET : LONG_VALUE;
      return value.split(/\s+/u).filter((part) => part.length >= shortest);
    })
    .sort((left, right) => right.length - left.length);
  return { ...output, content: secrets.reduce((text, secret) => text.replaceAll(secret, '[secret]'), output.content) };
}

// What the errors of the way out say is for whoever wrote the URL, and not for a model.
function toFailure({ code }: AppError, maxBytes: number): ToolFailure {
  if (code === 'url_too_large') return new ToolFailure(`The tool's answer has more than ${String(maxBytes)} bytes.`);
  return new ToolFailure('The tool could not be reached.');
}
