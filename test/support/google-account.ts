import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Writes the credentials of a service account whose tokens come from `tokenUrl`, and gives the file's path. */
export function writeServiceAccount(directory: string, tokenUrl: string): string {
  const file = join(directory, 'account.json');
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const account = {
    type: 'service_account',
    client_email: 'gateway@p.iam.gserviceaccount.com',
    private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    token_uri: tokenUrl,
  };
  writeFileSync(file, JSON.stringify(account));
  return file;
}
