import { IsOptional, IsString } from 'class-validator';
import { ListQueryDto } from '../../http/list-query.dto.js';

/** Which tools are wanted. */
export class ToolPageDto extends ListQueryDto {
  /** Only the tools of this project. */
  @IsOptional()
  @IsString()
  project_id?: string;
}
