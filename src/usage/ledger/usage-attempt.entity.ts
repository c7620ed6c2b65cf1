import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { AttemptPurpose } from '../../core/attempt.js';
import { TokenColumns } from './token-columns.js';

/** One request dispatched upstream, as part of an admitted one. */
@Entity({ name: 'usage_attempt' })
export class UsageAttemptEntity {
  @PrimaryColumn({ name: 'usage_request_id', type: 'text', primaryKeyConstraintName: 'usage_attempt_pkey' })
  usageRequestId!: string;

  /** Counts from 1 within the request. */
  @PrimaryColumn({ type: 'integer', primaryKeyConstraintName: 'usage_attempt_pkey' })
  n!: number;

  @Column({ type: 'text' })
  provider!: string;

  @Column({ type: 'text' })
  model!: string;

  /** A hash of the credential that was used; null where none was needed. */
  @Column({ type: 'text', nullable: true })
  credential!: string | null;

  @Column({ type: 'text' })
  outcome!: string;

  @Column({ name: 'error_kind', type: 'text', nullable: true })
  errorKind!: string | null;

  @Column(() => TokenColumns, { prefix: false })
  usage!: TokenColumns;

  @Column({ name: 'cost_usd', type: 'numeric', precision: 20, scale: 10, nullable: true })
  costUsd!: string | null;

  @Column({ name: 'duration_ms', type: 'integer' })
  durationMs!: number;

  /** From the arrival of the request to its dispatch; null for attempts from before this was kept. */
  @Column({ name: 'offset_ms', type: 'integer', nullable: true })
  offsetMs!: number | null;

  /** From its dispatch to its first content; null when none came. */
  @Column({ name: 'first_content_ms', type: 'integer', nullable: true })
  firstContentMs!: number | null;

  /** Null for first attempts and those after a failure. */
  @Column({ type: 'text', nullable: true })
  purpose!: AttemptPurpose | null;

  /** True of a question on the way to the answer. */
  @Column({ name: 'is_aside', type: 'boolean', default: false })
  isAside!: boolean;
}
