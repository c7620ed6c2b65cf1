import { Column } from 'typeorm';

// The driver gives bigint as text; token counts are far below 2^53.
const COUNT = { type: 'bigint', transformer: { to: (tokens: number) => tokens, from: Number } } as const;

/** The token classes and their cost, as columns of both tables of the ledger. */
export class TokenColumns {
  @Column({ ...COUNT, name: 'input_tokens' })
  input!: number;

  @Column({ ...COUNT, name: 'cached_input_tokens' })
  cachedInput!: number;

  @Column({ ...COUNT, name: 'cache_write_5m_tokens' })
  cacheWrite5m!: number;

  @Column({ ...COUNT, name: 'cache_write_1h_tokens' })
  cacheWrite1h!: number;

  @Column({ ...COUNT, name: 'output_tokens' })
  output!: number;

  @Column({ ...COUNT, name: 'reasoning_tokens' })
  reasoning!: number;

  @Column({ ...COUNT, name: 'image_input_tokens' })
  imageInput!: number;

  @Column({ ...COUNT, name: 'audio_input_tokens' })
  audioInput!: number;

  @Column({ ...COUNT, name: 'audio_output_tokens' })
  audioOutput!: number;

  @Column({ name: 'estimated', type: 'boolean' })
  estimated!: boolean;
}
