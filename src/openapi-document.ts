import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { API_KEY_SCHEME, BEARER_SCHEME } from './auth/authenticated.decorator.js';
import { describeChecks } from './describe-checks.js';
import { describeCommonErrors } from './describe-common-errors.js';
import { MESSAGES_SCHEMAS } from './dialects/anthropic-messages/openapi-schemas.js';
import { RERANK_SCHEMAS } from './dialects/cohere-rerank/openapi-schemas.js';
import { NATIVE_CHAT_SCHEMAS } from './dialects/native-chat/openapi-schemas.js';
import { MESSAGE_SCHEMAS } from './dialects/openai-chat/message-schemas.js';
import { CHAT_COMPLETION_SCHEMAS } from './dialects/openai-chat/openapi-schemas.js';
import { COMPLETION_SCHEMAS } from './dialects/openai-completions/openapi-schemas.js';
import { EMBEDDING_SCHEMAS } from './dialects/openai-embeddings/openapi-schemas.js';
import { RESPONSE_SCHEMAS } from './dialects/openai-responses/openapi-schemas.js';
import { MEDIA_SCHEMAS } from './dialects/openai-media/openapi-schemas.js';
import { EXTRACTION_SCHEMAS } from './extraction/openapi-schemas.js';
import { ErrorBodyDto, ErrorDetailDto, ErrorResponse } from './http/error-response.dto.js';
import { schemaReference } from './http/schema-reference.js';
import { describeIdempotency } from './idempotency/describe-idempotency.js';
import { VERSION } from './version.js';

type Paths = OpenAPIObject['paths'];
type PathItem = Paths[string];
type ErrorSchema = ReturnType<typeof schemaReference> | { oneOf: ReturnType<typeof schemaReference>[] };
type Schemas = NonNullable<NonNullable<OpenAPIObject['components']>['schemas']>;

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;
const DESCRIPTION = [
  'One API for chat, embeddings and answers from your own documents, in front of every model provider.',
  'Send your key as `Authorization: Bearer KEY` or `X-API-Key: KEY`.',
  'Every answer carries `x-request-id`; every error has the shape of `ErrorResponse`.',
].join(' ');

/** The OpenAPI document of every route that the application serves. */
export function createOpenApiDocument(app: NestExpressApplication): OpenAPIObject {
  const base = new DocumentBuilder()
    .setTitle('Trunkline')
    .setDescription(DESCRIPTION)
    .setVersion(VERSION)
    .addBearerAuth({ type: 'http', scheme: 'bearer' }, BEARER_SCHEME)
    .addApiKey({ type: 'apiKey', in: 'header', name: 'X-API-Key' }, API_KEY_SCHEME)
    .addTag('Chat')
    .addTag('OpenAI-compatible')
    .addTag('Anthropic-compatible')
    .addTag('Knowledge')
    .addTag('Jobs')
    .addTag('Usage')
    .addTag('Administration')
    .addTag('Operations')
    .build();
  describeChecks();
  const document = SwaggerModule.createDocument(app, base, {
    extraModels: [ErrorResponse, ErrorBodyDto, ErrorDetailDto],
  });
  const schemas = {
    ...CHAT_COMPLETION_SCHEMAS,
    ...COMPLETION_SCHEMAS,
    ...MESSAGE_SCHEMAS,
    ...MESSAGES_SCHEMAS,
    ...EMBEDDING_SCHEMAS,
    ...MEDIA_SCHEMAS,
    ...RERANK_SCHEMAS,
    ...NATIVE_CHAT_SCHEMAS,
    ...EXTRACTION_SCHEMAS,
    ...RESPONSE_SCHEMAS,
  };
  document.components = {
    ...document.components,
    schemas: { ...document.components?.schemas, ...(schemas as unknown as Schemas) },
  };
  document.paths = Object.fromEntries(
    Object.entries(document.paths).map(([path, item]) => [
      withoutWildcards(path),
      describeErrors(item, errorSchemaOf(path)),
    ]),
  );
  return document;
}

// The router's `*id` takes slashes too; OpenAPI has one way to write a parameter.
function withoutWildcards(path: string): string {
  return path.replace(/\{\*(\w+)\}|\*(\w+)/g, (_match, braced: string | undefined, bare: string | undefined) => {
    return `{${braced ?? bare ?? ''}}`;
  });
}

function errorSchemaOf(path: string): ErrorSchema {
  const [own, anthropics] = [schemaReference(ErrorResponse.name), schemaReference('MessageError')];
  if (path.startsWith('/v1/messages')) return anthropics;
  // Clients of both ask here, each in its own words.
  return path.startsWith('/v1/models') ? { oneOf: [own, anthropics] } : own;
}

// Errors look the same everywhere but on Anthropic's routes, so that a route need only say which ones it has.
function describeErrors(item: PathItem, errorSchema: ErrorSchema): PathItem {
  if (item.post) describeIdempotency(item.post);
  for (const method of METHODS) {
    const operation = item[method];
    if (operation) describeCommonErrors(method, operation);
    for (const [status, response] of Object.entries(operation?.responses ?? {})) {
      if (Number(status) < 400 || !response || '$ref' in response) continue;
      response.content = { 'application/json': { schema: errorSchema } };
    }
  }
  return item;
}
