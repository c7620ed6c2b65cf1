import { Controller, Get, Param } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { Authenticated } from '../auth/authenticated.decorator.js';
import type { CallContext } from '../core/call-context.js';
import { AppError } from '../core/errors/app-error.js';
import { Call } from '../http/call.decorator.js';
import { ErrorResponse } from '../http/error-response.dto.js';
import { LedgerStore } from './ledger/ledger-store.js';
import { LedgerWriter } from './ledger/ledger-writer.service.js';
import { RecordedRequestDto, toRecordedRequestDto } from './recorded-request.dto.js';

/** `/v1/usage`: what requests of the key's project cost. */
@ApiTags('Usage')
@Authenticated('usage')
@Controller('v1/usage')
export class UsageController {
  constructor(
    private readonly store: LedgerStore,
    private readonly writer: LedgerWriter,
  ) {}

  @Get('requests/:id')
  @ApiOperation({ summary: 'Show what a request used and cost, by its `x-request-id`, as soon as its answer is over' })
  @ApiResponse({ status: 200, type: RecordedRequestDto })
  @ApiResponse({ status: 404, description: 'The project has no such request.', type: ErrorResponse })
  async show(@Param('id') id: string, @Call() call: CallContext): Promise<RecordedRequestDto> {
    await this.writer.flush();
    const found = await this.store.find(call.principal.projectId, id);
    if (!found) throw new AppError('not_found', 'There is no request with this id in the project of the key.');
    return toRecordedRequestDto(found.request, found.attempts);
  }
}
