import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { IdempotencyConfig } from '../config/idempotency-config.js';
import { INSTANCE_DEAD_AFTER_SECONDS, InstanceHeartbeatService } from '../database/instance-heartbeat.service.js';

/** Whose request it is: the API key, and the name that its own key has there. */
export interface RecordKey {
  readonly keyId: string;
  readonly name: string;
}

/** A request that wants to be the one that runs. */
export interface ClaimRequest extends RecordKey {
  readonly claimId: string;
  readonly projectId: string;
  readonly requestId: string;
  /** Null where it is known only once the body was read. */
  readonly fingerprint: string | null;
}

/** What is there in place of a claim. */
export interface FoundRecord {
  /** Null while the body of the request under way is being read. */
  readonly fingerprint: string | null;
  /** Null while it is under way. */
  readonly answer: Buffer | null;
  readonly requestId: string;
}

/** An answer to be kept under a claim. */
export interface SealedAnswer {
  readonly fingerprint: string;
  readonly answer: Buffer;
}

const MOST_TRIES = 5;
/** Longer than any statement takes: a claim that was made while the list of the held ones was on its way is younger. */
const FORGOTTEN_SECONDS = 120;

/** A claim that nobody alive holds, or an answer whose time is over, makes room for a new claim. */
const CLAIM = `
  insert into idempotency_record as record
    (key_id, name, project_id, claim_id, instance_id, request_id, fingerprint, expires_at)
  values ($1, $2, $3, $4, $5, $6, $7, now() + make_interval(secs => $8))
  on conflict (key_id, name) do update set
    project_id = excluded.project_id, claim_id = excluded.claim_id, instance_id = excluded.instance_id,
    request_id = excluded.request_id, fingerprint = excluded.fingerprint, answer = null, answer_bytes = 0,
    created_at = now(), expires_at = excluded.expires_at
  where (record.answer is not null and record.expires_at <= now())
    or (record.answer is null and not exists (
      select from instance where instance.id = record.instance_id
        and instance.heartbeat_at > now() - make_interval(secs => $9)))
  returning claim_id`;

const FIND = `
  select fingerprint, answer, request_id as "requestId" from idempotency_record where key_id = $1 and name = $2`;

const COMPLETE = `
  update idempotency_record set fingerprint = $4, answer = $5::bytea, answer_bytes = octet_length($5::bytea),
    expires_at = now() + make_interval(secs => $6)
  where key_id = $1 and name = $2 and claim_id = $3 and answer is null`;

/** Requests with a key and their answers, for all replicas, in the database. */
@Injectable()
export class IdempotencyStore {
  constructor(
    private readonly dataSource: DataSource,
    private readonly heartbeat: InstanceHeartbeatService,
    private readonly config: IdempotencyConfig,
  ) {}

  /** Null when the claim is the caller's now, else what stands in its way. Rejects when the database cannot be asked. */
  async claim(request: ClaimRequest): Promise<FoundRecord | null> {
    const { keyId, name, projectId, claimId, requestId, fingerprint } = request;
    const { instanceId } = this.heartbeat;
    const limits = [this.config.keptSeconds, INSTANCE_DEAD_AFTER_SECONDS];
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      const values = [keyId, name, projectId, claimId, instanceId, requestId, fingerprint, ...limits];
      const claimed = await this.dataSource.query<unknown[]>(CLAIM, values);
      if (claimed.length > 0) return null;
      const [found] = await this.dataSource.query<FoundRecord[]>(FIND, [keyId, name]);
      // What stood in the way may be gone by now.
      if (found) return found;
    }
    return { fingerprint: null, answer: null, requestId };
  }

  /** Keeps the answer; false when the claim is not the caller's any more. Safe to repeat. */
  async complete({ keyId, name, claimId }: ClaimRequest, { fingerprint, answer }: SealedAnswer): Promise<boolean> {
    const values = [keyId, name, claimId, fingerprint, answer, this.config.keptSeconds];
    const [, changed] = await this.dataSource.query<[unknown, number]>(COMPLETE, values);
    return changed > 0;
  }

  /** Gives the claim back: the next request with the key runs. Safe to repeat. */
  async release({ keyId, name, claimId }: ClaimRequest): Promise<void> {
    const sql = 'delete from idempotency_record where key_id = $1 and name = $2 and claim_id = $3 and answer is null';
    await this.dataSource.query(sql, [keyId, name, claimId]);
  }

  /** Deletes what is over, and of this process's claims those that it does not hold. */
  async sweep(heldClaimIds: readonly string[]): Promise<void> {
    const { instanceId } = this.heartbeat;
    await this.dataSource.query(
      `delete from idempotency_record where instance_id = $1 and answer is null and not claim_id = any($2)
         and created_at < now() - make_interval(secs => $3)`,
      [instanceId, heldClaimIds, FORGOTTEN_SECONDS],
    );
    await this.dataSource.query(
      `delete from idempotency_record record where expires_at <= now() and (answer is not null or not exists (
         select from instance where instance.id = record.instance_id
           and instance.heartbeat_at > now() - make_interval(secs => $1)))`,
      [INSTANCE_DEAD_AFTER_SECONDS],
    );
  }

  /** How many bytes of answers there are. */
  async storedBytes(): Promise<number> {
    const [row] = await this.dataSource.query<{ bytes: string }[]>(
      'select coalesce(sum(answer_bytes), 0) as bytes from idempotency_record',
    );
    return Number(row?.bytes ?? 0);
  }

  /**
   * Deletes answers until at most so many bytes are left. Every project keeps its newest, up to one level for all: one that
   * stores much displaces nothing but its own.
   */
  async shrinkTo(bytes: number): Promise<void> {
    await this.dataSource.query(
      `with kept as (
         select key_id, name, sum(answer_bytes) over (partition by project_id order by created_at desc, key_id, name) as level
           from idempotency_record where answer is not null
       ), filled as (
         select key_id, name, sum(record.answer_bytes) over (order by level, key_id, name) as total
           from kept join idempotency_record record using (key_id, name)
       )
       delete from idempotency_record record using filled
        where record.key_id = filled.key_id and record.name = filled.name and filled.total > $1`,
      [bytes],
    );
  }
}
