import type { MigrationInterface } from 'typeorm';
import { Foundation1780000000000 } from './1780000000000-foundation.js';
import { ProjectsAndKeys1780000000001 } from './1780000000001-projects-and-keys.js';
import { UsageLedger1780000000002 } from './1780000000002-usage-ledger.js';
import { Knowledge1780000000003 } from './1780000000003-knowledge.js';
import { Jobs1780000000004 } from './1780000000004-jobs.js';
import { ProviderState1780000000005 } from './1780000000005-provider-state.js';
import { ProviderResets1780000000006 } from './1780000000006-provider-resets.js';
import { KeyTerms1780000000007 } from './1780000000007-key-terms.js';
import { Limits1780000000008 } from './1780000000008-limits.js';
import { Budgets1780000000009 } from './1780000000009-budgets.js';
import { LedgerRecovery1780000000010 } from './1780000000010-ledger-recovery.js';
import { UsageRollup1780000000011 } from './1780000000011-usage-rollup.js';
import { Idempotency1780000000012 } from './1780000000012-idempotency.js';
import { Uploads1780000000013 } from './1780000000013-uploads.js';
import { Ingestion1780000000014 } from './1780000000014-ingestion.js';
import { Retrieval1780000000015 } from './1780000000015-retrieval.js';
import { LedgerWrites1780000000016 } from './1780000000016-ledger-writes.js';
import { SavedCost1780000000017 } from './1780000000017-saved-cost.js';
import { Conversations1780000000018 } from './1780000000018-conversations.js';
import { ServerTools1780000000019 } from './1780000000019-server-tools.js';
import { SemanticCache1780000000020 } from './1780000000020-semantic-cache.js';
import { Responses1780000000021 } from './1780000000021-responses.js';
import { UsageUnits1780000000022 } from './1780000000022-usage-units.js';
import { Webhooks1780000000023 } from './1780000000023-webhooks.js';
import { Batches1780000000024 } from './1780000000024-batches.js';
import { AttemptTimes1780000000025 } from './1780000000025-attempt-times.js';
import { InstanceRoles1780000000027 } from './1780000000027-instance-roles.js';

/** Every migration in the order it runs. They only go forward. */
export const MIGRATIONS: (new () => MigrationInterface)[] = [
  Foundation1780000000000,
  ProjectsAndKeys1780000000001,
  UsageLedger1780000000002,
  Knowledge1780000000003,
  Jobs1780000000004,
  ProviderState1780000000005,
  ProviderResets1780000000006,
  KeyTerms1780000000007,
  Limits1780000000008,
  Budgets1780000000009,
  LedgerRecovery1780000000010,
  UsageRollup1780000000011,
  Idempotency1780000000012,
  Uploads1780000000013,
  Ingestion1780000000014,
  Retrieval1780000000015,
  LedgerWrites1780000000016,
  SavedCost1780000000017,
  Conversations1780000000018,
  ServerTools1780000000019,
  SemanticCache1780000000020,
  Responses1780000000021,
  UsageUnits1780000000022,
  Webhooks1780000000023,
  Batches1780000000024,
  AttemptTimes1780000000025,
  InstanceRoles1780000000027,
];
