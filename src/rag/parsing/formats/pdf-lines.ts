/** A run of text as pdf.js gives it; other items have no text. */
interface TextItem {
  str?: string;
  hasEOL?: boolean;
  height?: number;
  transform?: readonly number[];
}

// More than this many heights of the letters between two lines is a gap between paragraphs.
const PARAGRAPH_GAP = 1.75;

/** Text of a page with its lines, and a blank line where the page leaves a gap. */
export function joinTextItems(items: readonly object[]): string {
  const parts: string[] = [];
  let last: TextItem | null = null;
  let isLineOver = false;
  for (const item of items as readonly TextItem[]) {
    const { str = '', hasEOL = false } = item;
    if (str.trim() !== '') {
      if (isLineOver) parts.push(last && isGap(last, item) ? '\n\n' : '\n');
      isLineOver = false;
      last = item;
    }
    if (!isLineOver) parts.push(str);
    isLineOver ||= hasEOL && last !== null;
  }
  return parts.join('').trim();
}

// Upwards is the next column, or a note that was set apart.
function isGap(last: TextItem, next: TextItem): boolean {
  const height = Math.max(last.height ?? 0, next.height ?? 0);
  return height > 0 && Math.abs((last.transform?.[5] ?? 0) - (next.transform?.[5] ?? 0)) > PARAGRAPH_GAP * height;
}
