import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { parseExactJson } from '../../src/core/exact-json.js';
import type { JsonObject, JsonValue } from '../../src/core/json.js';
import type { ServedRequest } from '../fakes/served-request.js';
import { agentMessagesRequest, agentResponsesRequest, BIG_INTEGER } from '../support/agent-requests.js';
import type { TestApp } from '../support/test-app.js';
import { TwoVendors } from '../support/two-vendors.js';

const vendors = new TwoVendors();
let app: TestApp;

describe('translation', () => {
  beforeAll(async () => {
    ({ app } = await vendors.start({ 'over-lab': { targets: ['lab/llama'] } }));
  });

  afterEach(() => {
    vendors.reset();
  });

  afterAll(async () => {
    await app.close();
    await vendors.stop();
  });

  /** What the provider got, by the text that it got it in. */
  function exactBodyOf(request: ServedRequest | undefined): JsonObject {
    return parseExactJson(request?.bodyText ?? '{}') as JsonObject;
  }

  function without(body: JsonValue, ...names: string[]): JsonObject {
    return Object.fromEntries(Object.entries(body as JsonObject).filter(([name]) => !names.includes(name)));
  }

  async function send(path: string, text: string, headers: Record<string, string> = {}): Promise<string> {
    const response = await app.request('POST', path, { text, headers });
    const answer = await response.text();
    expect([response.status, /"error":\s*\{.*/.exec(answer)?.[0]]).toEqual([200, undefined]);
    return answer;
  }

  describe("a coding agent's first request in Anthropic's dialect", () => {
    const betas = {
      'anthropic-beta': 'context-management-2025-06-27,some-beta-2030-01-01',
      'anthropic-version': '2023-06-01',
    };

    it('reaches Anthropic as it was, number for number', async () => {
      const text = agentMessagesRequest('over-claude');
      expect(text.length).toBeGreaterThan(40_000);
      const answer = await send('/v1/messages?beta=true', text, betas);
      expect(answer).toContain('event: message_stop');
      const [request] = vendors.anthropic.requests;
      expect(without(exactBodyOf(request), 'model')).toEqual(without(parseExactJson(text), 'model'));
      expect(request?.bodyText.split(BIG_INTEGER)).toHaveLength(text.split(BIG_INTEGER).length);
      expect(request?.headers['anthropic-beta']).toContain('some-beta-2030-01-01');
    });

    it.each(['over-openai', 'over-lab'])('works on %s', async (model) => {
      const answer = await send('/v1/messages', agentMessagesRequest(model), betas);
      expect(answer).toContain('event: message_stop');
      const [request] = vendors.openAi.requests;
      expect(request?.path).toContain('/chat/completions');
      expect(exactBodyOf(request).tools).toHaveLength(12);
      // The limits in the schemas, and the argument of the call, which is a text here.
      expect(request?.bodyText.split(BIG_INTEGER)).toHaveLength(12 + 1 + 1);
    });
  });

  describe("a coding agent's first request in OpenAI's Responses", () => {
    it('reaches OpenAI as it was, number for number', async () => {
      const text = agentResponsesRequest('over-openai');
      expect(text.length).toBeGreaterThan(40_000);
      const answer = await send('/v1/responses', text);
      expect(answer).toContain('event: response.completed');
      const [request] = vendors.openAi.requests;
      expect(request?.path).toContain('/responses');
      expect(without(exactBodyOf(request), 'model')).toEqual(without(parseExactJson(text), 'model'));
      expect(request?.bodyText.split(BIG_INTEGER)).toHaveLength(text.split(BIG_INTEGER).length);
    });

    it('works on Anthropic', async () => {
      const answer = await send('/v1/responses', agentResponsesRequest('over-claude'));
      expect(answer).toContain('event: response.completed');
      const [request] = vendors.anthropic.requests;
      // The tool with a grammar has become a function, and the one that OpenAI runs has nobody to run it.
      expect(exactBodyOf(request).tools).toHaveLength(13);
      expect(request?.bodyText.split(BIG_INTEGER)).toHaveLength(12 + 1 + 1);
    });
  });
});
