/** How long is kept what nothing else limits; type and injection token in one. */
export abstract class RetentionConfig {
  /** Days after the last change of a conversation; 0 keeps it until it is deleted. */
  abstract readonly conversationDays: number;
  /** Days after the end of a job. */
  abstract readonly jobDays: number;
}
