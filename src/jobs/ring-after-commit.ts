import type { DataSource, EntitySubscriberInterface, QueryRunner } from 'typeorm';

type Ring = (kind: string) => void;

/** Tells of jobs once the transaction that holds them is committed: before that nobody else can see them. */
export class RingAfterCommit {
  /** The kinds of jobs in each transaction that is under way. */
  readonly #waiting = new WeakMap<QueryRunner, string[]>();

  constructor(dataSource: DataSource, ring: Ring) {
    const subscriber: EntitySubscriberInterface = {
      afterTransactionCommit: ({ queryRunner }) => {
        // A savepoint's end is not the transaction's.
        if (queryRunner.isTransactionActive) return;
        for (const kind of this.#take(queryRunner)) ring(kind);
      },
      afterTransactionRollback: ({ queryRunner }) => {
        if (!queryRunner.isTransactionActive) this.#take(queryRunner);
      },
    };
    dataSource.subscribers.push(subscriber);
  }

  /** A job of the kind is in the query runner's transaction. */
  note(queryRunner: QueryRunner, kind: string): void {
    const kinds = this.#waiting.get(queryRunner);
    if (kinds) kinds.push(kind);
    else this.#waiting.set(queryRunner, [kind]);
  }

  #take(queryRunner: QueryRunner): readonly string[] {
    const kinds = this.#waiting.get(queryRunner) ?? [];
    this.#waiting.delete(queryRunner);
    return kinds;
  }
}
