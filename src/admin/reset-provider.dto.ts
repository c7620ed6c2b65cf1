import { IsOptional, IsString, Length } from 'class-validator';

/** Why a provider is reset. */
export class ResetProviderDto {
  /**
   * For the log.
   * @example "the key was renewed"
   */
  @IsOptional()
  @IsString()
  @Length(1, 300)
  reason?: string | null;
}

/** A provider that was reset. */
export class ProviderResetDto {
  provider!: string;
  /** When it was asked for (RFC 3339), by the database's clock; every process has done it five seconds later. */
  reset_at!: string;
}
