/** Ends what the global set-up started. */
// eslint-disable-next-line no-restricted-syntax -- jest takes the default export
export default async function tearDown(): Promise<void> {
  await Promise.all((globalThis.trunklineTestServers ?? []).map((server) => server.stop()));
}
