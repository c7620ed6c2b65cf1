import type { ImagePart, ImageSize } from '../core/chat/chat-request.js';

/** Whose way of counting an image's tokens it is; `openai` stands for servers that are compatible, too. */
export type ImageVendor = 'openai' | 'anthropic' | 'gemini';

/** What `estimateImageTokens` takes an image for that nobody has looked at. */
const USUAL: ImageSize = { width: 1_024, height: 1_024 };

// Models that count patches of 32 pixels, by a factor of their own; the names are looked for in this order.
const PATCH_PIXELS = 32;
const MOST_PATCHES = 1_536;
const MOST_LARGE_PATCHES = 2_500;
const PATCH_FACTORS: readonly (readonly [RegExp, number, number])[] = [
  [/gpt-5-nano/, 1.5, MOST_PATCHES],
  [/gpt-5(\.\d+)?-(mini|nano)/, 1.2, MOST_PATCHES],
  [/gpt-4\.1-mini/, 1.62, MOST_PATCHES],
  [/gpt-4\.1-nano/, 2.46, MOST_PATCHES],
  [/o4-mini|codex-mini/, 1.72, MOST_PATCHES],
  [/gpt-5\.[2-9]|gpt-[6-9]/, 1.2, MOST_LARGE_PATCHES],
];
// The others count tiles of 512 pixels on top of a base.
const TILE_PIXELS = 512;
const LARGEST_SIDE = 2_048;
const SHORT_SIDE = 768;
const TILE_PRICES: readonly (readonly [RegExp, number, number])[] = [
  [/gpt-4o-mini/, 2_833, 5_667],
  [/gpt-5/, 70, 140],
  [/(^|\/)o[13]/, 75, 150],
];
const USUAL_TILE_PRICE = ['', 85, 170] as const;

// Pixels per token, and what an image is scaled down to.
const CLAUDE_PIXELS = 750;
const CLAUDE_SIDE = 1_568;
const CLAUDE_LARGE_SIDE = 2_576;
const CLAUDE_TOKENS = 1_600;
const CLAUDE_LARGE_TOKENS = 4_784;
const CLAUDE_LARGE = /opus-(4-[7-9]|[5-9])|sonnet-[5-9]|fable|mythos/;

const GEMINI_TILE_TOKENS = 258;
const GEMINI_LARGEST_SIDE = 3_072;
const GEMINI_SMALL_SIDE = 384;
const GEMINI_TILE_SIDES = [256, 768] as const;
// Since the third generation an image costs the same whatever its size, by its resolution.
const GEMINI_RESOLUTIONS = { low: 280, high: 1_120 } as const;

/**
 * Tokens of an image in a prompt, by the vendors' published formulas (OpenAI's "Images and vision", Anthropic's "Vision",
 * Google's "Understand and count tokens" and "Media resolution"). An image of unknown size is taken for 1024 x 1024.
 */
export function estimateImageTokens(
  { size = USUAL, detail }: Pick<ImagePart, 'size' | 'detail'>,
  vendor: ImageVendor,
  model = '',
): number {
  switch (vendor) {
    case 'openai':
      return openAiTokens(size, detail === 'low', model);
    case 'anthropic':
      return claudeTokens(size, CLAUDE_LARGE.test(model));
    case 'gemini':
      return geminiTokens(size, detail === 'low', model);
  }
}

function openAiTokens(size: ImageSize, isLow: boolean, model: string): number {
  const patched = PATCH_FACTORS.find(([name]) => name.test(model));
  if (patched) return Math.ceil(patchesOf(size, patched[2]) * patched[1]);
  const [, base, tile] = TILE_PRICES.find(([name]) => name.test(model)) ?? USUAL_TILE_PRICE;
  return isLow ? base : base + tile * tilesOf(size);
}

function patchesOf({ width, height }: ImageSize, most: number): number {
  return Math.min(most, Math.ceil(width / PATCH_PIXELS) * Math.ceil(height / PATCH_PIXELS));
}

// Scaled down into a square of 2048 pixels, then to 768 on its short side.
function tilesOf({ width, height }: ImageSize): number {
  const fit = Math.min(1, LARGEST_SIDE / Math.max(width, height));
  const scale = fit * Math.min(1, SHORT_SIDE / (Math.min(width, height) * fit));
  return Math.ceil(rounded(width * scale) / TILE_PIXELS) * Math.ceil(rounded(height * scale) / TILE_PIXELS);
}

function claudeTokens({ width, height }: ImageSize, isLarge: boolean): number {
  const fit = Math.min(1, (isLarge ? CLAUDE_LARGE_SIDE : CLAUDE_SIDE) / Math.max(width, height));
  const tokens = Math.ceil((width * fit * height * fit) / CLAUDE_PIXELS);
  return Math.min(isLarge ? CLAUDE_LARGE_TOKENS : CLAUDE_TOKENS, tokens);
}

function geminiTokens({ width, height }: ImageSize, isLow: boolean, model: string): number {
  if (/gemini-(?:[3-9]|[a-z-]*latest)/.test(model)) return GEMINI_RESOLUTIONS[isLow ? 'low' : 'high'];
  if (isLow || (width <= GEMINI_SMALL_SIDE && height <= GEMINI_SMALL_SIDE)) return GEMINI_TILE_TOKENS;
  const [least, most] = GEMINI_TILE_SIDES;
  const fit = Math.min(1, GEMINI_LARGEST_SIDE / Math.max(width, height));
  const side = Math.min(most, Math.max(least, Math.floor((Math.min(width, height) * fit) / 1.5)));
  return GEMINI_TILE_TOKENS * Math.ceil(rounded(width * fit) / side) * Math.ceil(rounded(height * fit) / side);
}

// Scaling must not make a pixel more of a side that fits exactly.
function rounded(pixels: number): number {
  return Math.round(pixels * 1_000) / 1_000;
}
