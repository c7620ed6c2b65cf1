/** Entry of the mock's process; tells its parent the port. */
import '../../scripts/support/typescript-imports.mjs';

const { startMock } = await import('./start-mock.js');
process.send?.({ port: await startMock() });
