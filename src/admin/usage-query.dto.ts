import { IsIn, IsOptional, IsString, Length } from 'class-validator';
import { ReportQueryDto } from '../usage/reports/report-query.dto.js';

/** Which usage is wanted of all projects, how it is summed up, and in what form. */
export class UsageQueryDto extends ReportQueryDto {
  /** Only this project. */
  @IsOptional()
  @IsString()
  @Length(1, 200)
  project_id?: string;

  /** Only this key. */
  @IsOptional()
  @IsString()
  @Length(1, 200)
  key_id?: string;

  /** Only this provider, by its name in the configuration. */
  @IsOptional()
  @IsString()
  @Length(1, 200)
  provider?: string;

  /** Only this model, by the provider's own name. */
  @IsOptional()
  @IsString()
  @Length(1, 300)
  model?: string;

  /** `csv` gives a table for spreadsheets, whole or not at all. */
  @IsOptional()
  @IsIn(['json', 'csv'])
  format: 'json' | 'csv' = 'json';
}
