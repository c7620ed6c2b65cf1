/** The types of images that every vendor's models take. */
export type ImageType = 'image/png' | 'image/jpeg' | 'image/gif' | 'image/webp';

/** What the bytes of an image say of it without being decoded. */
export interface ImageShape {
  /** Of the largest picture in it, in pixels. */
  readonly width: number;
  readonly height: number;
  /** 1 for one that stands still; counting stops beyond `MOST_COUNTED_FRAMES`. */
  readonly frames: number;
  /** Where the image ends; what comes behind it is no part of it. */
  readonly end: number;
}

/** No reader counts further. */
export const MOST_COUNTED_FRAMES = 100_000;

/** Real images have far fewer chunks; one made of millions of empty ones is only there to keep its reader busy. */
export const MOST_CHUNKS = 200_000;
