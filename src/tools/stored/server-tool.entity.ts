import { Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import type { ArgumentPlace, HttpToolMethod } from '../../config/tools-config.js';

/** An HTTP tool that an administrator made. */
@Entity({ name: 'server_tool' })
@Index('server_tool_name_idx', ['name'], { unique: true, where: 'project_id is null' })
@Index('server_tool_project_id_name_idx', ['projectId', 'name'], { unique: true, where: 'project_id is not null' })
@Index('server_tool_created_at_idx', ['createdAt', 'id'])
export class ServerToolEntity {
  @PrimaryColumn({ type: 'text', primaryKeyConstraintName: 'server_tool_pkey' })
  id!: string;

  /** Null for a tool of all projects. */
  @ForeignKey('project', { name: 'server_tool_project_id_fkey' })
  @Column({ name: 'project_id', type: 'text', nullable: true })
  projectId!: string | null;

  @Column({ type: 'text' })
  name!: string;

  @Column({ type: 'text' })
  description!: string;

  // `object`, because TypeORM's update types never come to an end in a recursive type.
  @Column({ type: 'jsonb' })
  parameters!: object;

  @Column({ type: 'text' })
  url!: string;

  @Column({ type: 'text' })
  method!: HttpToolMethod;

  @Column({ name: 'arguments_in', type: 'text' })
  argumentsIn!: ArgumentPlace;

  @Column({ name: 'header_names', type: 'text', array: true, default: () => `'{}'` })
  headerNames!: string[];

  /** Encrypted; null when there are none. */
  @Column({ name: 'sealed_headers', type: 'bytea', nullable: true })
  sealedHeaders!: Buffer | null;

  @Column({ name: 'timeout_ms', type: 'integer' })
  timeoutMs!: number;

  @Column({ name: 'max_response_bytes', type: 'integer' })
  maxResponseBytes!: number;

  @Column({ name: 'created_at', type: 'timestamptz', default: () => 'now()' })
  createdAt!: Date;

  @Column({ name: 'updated_at', type: 'timestamptz', default: () => 'now()' })
  updatedAt!: Date;
}
