import { isJsonObject, type JsonObject } from '../../../src/core/json.js';
import type { Frame } from '../frame.js';
import type { ServedRequest } from '../served-request.js';
import type { VendorAnswer } from '../vendor.js';

const UNFILTERED: JsonObject = {
  hate: { filtered: false, severity: 'safe' },
  violence: { filtered: false, severity: 'safe' },
};

/** A request at Azure's addresses, as OpenAI would have had it. */
interface AzureCall {
  deployment: string;
  /** The route that OpenAI has for it. */
  route: string;
}

/** What a request to Azure asks for: a deployment's own address needs a version, the v1 surface names it in the body. */
export function readAzureCall(request: ServedRequest): AzureCall | null {
  const url = new URL(request.path, 'http://azure');
  const versioned = /^\/openai\/deployments\/([^/]+)(\/.+)$/.exec(url.pathname);
  if (versioned && url.searchParams.has('api-version')) {
    return { deployment: decodeURIComponent(versioned[1] ?? ''), route: `${request.method} /v1${versioned[2] ?? ''}` };
  }
  const plain = /^\/openai\/v1(\/.+)$/.exec(url.pathname);
  const { model } = request.body;
  if (!plain || typeof model !== 'string') return null;
  return { deployment: model, route: `${request.method} /v1${plain[1] ?? ''}` };
}

/** Why Azure refuses a request before it looks at the body; null when it does not. */
export function refuseAzureCall(
  request: ServedRequest,
  call: AzureCall | null,
  deployments: readonly string[],
): VendorAnswer | null {
  if (request.headers['api-key'] === undefined) {
    const message = 'Access denied due to invalid subscription key or wrong API endpoint.';
    return { status: 401, body: { error: { code: '401', message } } };
  }
  if (!call) return { status: 404, body: { error: { code: '404', message: 'Resource not found' } } };
  if (deployments.includes(call.deployment)) return null;
  const message = 'The API deployment for this resource does not exist.';
  return { status: 404, body: { error: { code: 'DeploymentNotFound', message } } };
}

/** The answer with what Azure's content filter says of the prompt and of each choice. */
export function withContentFilter(answer: VendorAnswer): VendorAnswer {
  if (!('frames' in answer)) {
    if (answer.status !== 200 || !Array.isArray(answer.body.choices)) return answer;
    const choices = answer.body.choices.filter(isJsonObject);
    const marked = choices.map((choice) => ({ ...choice, content_filter_results: UNFILTERED }));
    return { ...answer, body: { ...answer.body, choices: marked, prompt_filter_results: promptResults() } };
  }
  const prompt = { id: '', object: '', created: 0, model: '', choices: [], prompt_filter_results: promptResults() };
  const opening: Frame = { kind: 'open', data: JSON.stringify(prompt) };
  return { frames: [opening, ...answer.frames] };
}

/** How Azure words a prompt that its content filter refuses. */
export function azureContentFilterBody(): JsonObject {
  return {
    error: {
      message: "The response was filtered due to the prompt triggering Azure OpenAI's content management policy.",
      type: null,
      param: 'prompt',
      code: 'content_filter',
      status: 400,
      innererror: {
        code: 'ResponsibleAIPolicyViolation',
        content_filter_result: { ...UNFILTERED, violence: { filtered: true, severity: 'medium' } },
      },
    },
  };
}

function promptResults(): JsonObject[] {
  return [{ prompt_index: 0, content_filter_results: UNFILTERED }];
}
