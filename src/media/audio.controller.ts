import { Controller, HttpCode, Post, Req, Res } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { Authenticated } from '../auth/authenticated.decorator.js';
import { parseSpeechRequest } from '../dialects/openai-media/parse-speech-request.js';
import { transcriptEvents } from '../dialects/openai-media/to-media-frames.js';
import { ApiErrors, BODY_ERRORS, PROVIDER_ERRORS } from '../http/api-errors.decorator.js';
import { jsonBodyOf } from '../http/body/json-body-of.js';
import { TakesForm } from '../http/body/takes-form.decorator.js';
import { callOf } from '../http/call-of.js';
import { schemaReference } from '../http/schema-reference.js';
import { AudioForms } from './audio-forms.service.js';
import { MediaService } from './media.service.js';
import { sendAnswer, sendEvents } from './send-answer.js';

const EVENTS = { 'text/event-stream': { schema: { type: 'string' } } };

/** OpenAI's speech and transcriptions. */
@ApiTags('OpenAI-compatible')
@Controller('v1/audio')
export class AudioController {
  constructor(
    private readonly media: MediaService,
    private readonly forms: AudioForms,
  ) {}

  @Post('speech')
  @HttpCode(200)
  @Authenticated('chat')
  @ApiOperation({ summary: 'Read a text aloud, as OpenAI does', operationId: 'createSpeech' })
  @ApiBody({ schema: schemaReference('SpeechRequest') })
  @ApiResponse({
    status: 200,
    description: 'The sound as it comes; with `stream_format: sse` as events.',
    content: { 'audio/*': { schema: { type: 'string', format: 'binary' } }, ...EVENTS },
  })
  @ApiErrors(...BODY_ERRORS, 404, ...PROVIDER_ERRORS)
  async speak(@Req() request: Request, @Res() response: Response): Promise<void> {
    const call = callOf(request);
    const wanted = parseSpeechRequest(jsonBodyOf(request));
    const answer = this.media.speak(wanted, call);
    if (wanted.isStream) await sendEvents(response, call, answer, () => []);
    else await sendAnswer(response, answer);
  }

  @Post('transcriptions')
  @HttpCode(200)
  @TakesForm()
  @Authenticated('chat')
  @ApiOperation({ summary: 'Write down what is said, as OpenAI does', operationId: 'createTranscription' })
  @ApiConsumes('multipart/form-data')
  @ApiBody({ schema: schemaReference('TranscriptionForm') })
  @ApiResponse({
    status: 200,
    description: 'The transcript in the format asked for; with `stream: true` as events.',
    content: {
      'application/json': { schema: schemaReference('Transcript') },
      'text/plain': { schema: { type: 'string' } },
      ...EVENTS,
    },
  })
  @ApiErrors(...BODY_ERRORS, 404, ...PROVIDER_ERRORS, 507)
  async transcribe(@Req() request: Request, @Res() response: Response): Promise<void> {
    const call = callOf(request);
    const wanted = await this.forms.receive(request, call);
    const answer = this.media.transcribe(wanted, call);
    if (wanted.isStream) await sendEvents(response, call, answer, transcriptEvents);
    else await sendAnswer(response, answer);
  }
}
