/** What one key and one socket may take of a process; fields of an object, so that tests can make them small. */
export class ChatSocketLimits {
  /** Sockets that a key may have open at once. */
  readonly socketsPerKey: number = 100;
  /** Messages of a socket that may be under way at once. */
  readonly messagesAtOnce: number = 32;
  /** How large all messages under way on a socket may be together. */
  readonly bytesAtOnce: number = 64 * 1024 ** 2;
  /** Pings that a client may send between two of ours. */
  readonly pingsPerHeartbeat: number = 100;
  /** Messages that cannot be read which a client may send between two of our pings. */
  readonly brokenPerHeartbeat: number = 100;
  /** How often clients are asked whether they are still there; those that did not answer by the next time are gone. */
  readonly heartbeatMs: number = 30_000;
  /** How long a client may leave what we wrote unread. */
  readonly writeMs: number = 30_000;
  /** How long a client that is told to leave may take before its connection is cut. */
  readonly farewellMs: number = 1_000;
}
