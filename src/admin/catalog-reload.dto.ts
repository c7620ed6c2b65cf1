import { IsBoolean, IsOptional } from 'class-validator';

/** How the catalogue file is to be read. */
export class ReloadCatalogDto {
  /** Only says what is wrong with the file, and leaves the catalogue in use as it is. */
  @IsOptional()
  @IsBoolean()
  check_only?: boolean;
}
