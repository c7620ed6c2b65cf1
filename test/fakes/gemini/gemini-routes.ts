/** What a request to the fake is about. */
export interface GeminiRoute {
  model: string;
  method: string;
  /** How the caller must prove itself: by a key, or by a token of the fake's own. */
  proof: 'key' | 'token';
}

const PLACES: readonly { path: RegExp; proof: GeminiRoute['proof'] }[] = [
  { path: /^POST \/v1(?:beta)?\/models\/([^/:]+):(\w+)$/, proof: 'key' },
  { path: /^POST \/v1\/publishers\/google\/models\/([^/:]+):(\w+)$/, proof: 'key' },
  {
    path: /^POST \/v1\/projects\/[^/]+\/locations\/[^/]+\/publishers\/google\/models\/([^/:]+):(\w+)$/,
    proof: 'token',
  },
];

/** The place of the Gemini API or of Vertex AI that a route names; null for any other. */
export function geminiRoute(route: string): GeminiRoute | null {
  for (const { path, proof } of PLACES) {
    const match = path.exec(route);
    if (match) return { model: decodeURIComponent(match[1] ?? ''), method: match[2] ?? '', proof };
  }
  return null;
}
