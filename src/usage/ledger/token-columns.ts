import { Column } from 'typeorm';

// The driver gives bigint as text; token counts are far below 2^53.
const COUNT = { type: 'bigint', transformer: { to: (tokens: number) => tokens, from: Number } } as const;

const LATER_COUNT = { ...COUNT, default: 0 } as const;

/** The token classes, the other units, and whether they were counted here, as columns of both tables of the ledger. */
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

  @Column({ ...LATER_COUNT, name: 'image_output_tokens' })
  imageOutput!: number;

  @Column({ ...LATER_COUNT, name: 'images' })
  images!: number;

  @Column({ ...LATER_COUNT, name: 'audio_input_seconds' })
  audioInputSeconds!: number;

  @Column({ ...LATER_COUNT, name: 'audio_output_seconds' })
  audioOutputSeconds!: number;

  @Column({ ...LATER_COUNT, name: 'characters' })
  characters!: number;

  @Column({ ...LATER_COUNT, name: 'searches' })
  searches!: number;

  @Column({ name: 'estimated', type: 'boolean' })
  estimated!: boolean;
}
