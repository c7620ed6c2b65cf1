import { applyDecorators } from '@nestjs/common';
import { Transform } from 'class-transformer';
import { IsIn, IsInt, IsObject, IsOptional, IsString, Length, Matches, Max, Min } from 'class-validator';
import {
  ARGUMENT_PLACES,
  type ArgumentPlace,
  HTTP_TOOL_METHODS,
  type HttpToolMethod,
} from '../../config/tools-config.js';
import type { JsonObject } from '../../core/json.js';
import type { ServerToolEntity } from './server-tool.entity.js';

const NAME_MESSAGE = '`name` must be 1 to 64 letters, digits, `.`, `_` or `-`, beginning with a letter or digit';

/** A field that may be missing; null is the same as missing. */
function Optional(): PropertyDecorator {
  return applyDecorators(
    IsOptional(),
    Transform(({ value }: { value: unknown }) => value ?? undefined),
  );
}

/** What may be said of an HTTP tool, and need not. */
export class ToolTermsDto {
  /** A JSON Schema (2020-12) of type object for the arguments. */
  @Optional()
  @IsObject()
  parameters?: JsonObject;

  /** How the request is sent. */
  @Optional()
  @IsIn(HTTP_TOOL_METHODS)
  method?: HttpToolMethod;

  /** All headers that are sent, secrets included. They are encrypted and never shown again. */
  @Optional()
  @IsObject()
  headers?: Record<string, string>;

  /** Where the arguments go that the URL does not name. */
  @Optional()
  @IsIn(ARGUMENT_PLACES)
  arguments?: ArgumentPlace;

  /** Milliseconds for the whole request. */
  @Optional()
  @IsInt()
  @Min(100)
  @Max(600_000)
  timeout_ms?: number;

  /** A longer answer is an error. */
  @Optional()
  @IsInt()
  @Min(1_024)
  @Max(16_777_216)
  max_response_bytes?: number;
}

/** A change of an HTTP tool; what is absent stays as it is. */
export class ChangeToolDto extends ToolTermsDto {
  /**
   * What the tool does and when to use it: all that the model knows of it.
   * @example "The weather in a city, now."
   */
  @Optional()
  @IsString()
  @Length(1, 8_000)
  description?: string;

  /**
   * Where the request goes; `{name}` in the path or the query is the argument of that name.
   * @example "https://weather.example.com/v1/{city}"
   */
  @Optional()
  @IsString()
  @Length(1, 2_000)
  url?: string;
}

/** An HTTP tool to be made. */
export class CreateToolDto extends ToolTermsDto {
  /**
   * Requests ask for it as `http:NAME`.
   * @example "weather"
   */
  @IsString()
  @Matches(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, { message: NAME_MESSAGE })
  name!: string;

  /**
   * What the tool does and when to use it: all that the model knows of it.
   * @example "The weather in a city, now."
   */
  @IsString()
  @Length(1, 8_000)
  description!: string;

  /**
   * Where the request goes; `{name}` in the path or the query is the argument of that name.
   * @example "https://weather.example.com/v1/{city}"
   */
  @IsString()
  @Length(1, 2_000)
  url!: string;

  /** The only project that may use it; without one all projects may. */
  @Optional()
  @IsString()
  project_id?: string;
}

/** An HTTP tool, without its secrets. */
export class ToolDto {
  /** @example "tool_01ARZ3NDEKTSV4RRFFQ69G5F" */
  id!: string;
  /** Requests ask for it as `http:NAME`. */
  name!: string;
  /** The only project that may use it; null when all may. */
  project_id!: string | null;
  description!: string;
  parameters!: JsonObject;
  url!: string;
  method!: HttpToolMethod;
  /** Where the arguments go that the URL does not name. */
  arguments!: ArgumentPlace;
  /** The names of its headers; their values are never shown. */
  header_names!: string[];
  timeout_ms!: number;
  max_response_bytes!: number;
  /** When it was made (RFC 3339). */
  created_at!: string;
  /** When it was changed last (RFC 3339). */
  updated_at!: string;
}

/** A tool that was deleted. */
export class DeletedToolDto {
  id!: string;
  /** Always true. */
  deleted!: true;
}

/** A page of tools, newest first. */
export class ToolListDto {
  /** Always `list`. */
  object!: 'list';
  data!: ToolDto[];
  /** Whether there are older tools. */
  has_more!: boolean;
  first_id!: string | null;
  /** What `after` takes to get the next page. */
  last_id!: string | null;
}

/** Shows a tool to administrators. */
export function toToolDto(tool: ServerToolEntity): ToolDto {
  return {
    id: tool.id,
    name: tool.name,
    project_id: tool.projectId,
    description: tool.description,
    parameters: tool.parameters as JsonObject,
    url: tool.url,
    method: tool.method,
    arguments: tool.argumentsIn,
    header_names: tool.headerNames,
    timeout_ms: tool.timeoutMs,
    max_response_bytes: tool.maxResponseBytes,
    created_at: tool.createdAt.toISOString(),
    updated_at: tool.updatedAt.toISOString(),
  };
}
