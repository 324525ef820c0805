/** What `rampart webhook manifest` prints, of what a data folder holds. */
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { dataFolder } from '../data-folder.ts';
import { snapshotOfData } from '../snapshot/find.ts';
import { UsageError } from '../usage.ts';
import { askedAbout, type WebhookOptions, webhookConfigurations } from './configuration.ts';

/** @param data As the user named it. @param now Milliseconds since 1970. */
export function webhookManifest(
  data: string,
  cwd: string,
  now: number,
  options: Omit<WebhookOptions, 'authority'>,
): object[] {
  const { snapshot } = snapshotOfData(data, cwd, now);
  const { caCert } = dataFolder(resolve(cwd, data));
  if (!existsSync(caCert)) throw new UsageError(`there is no ${caCert}`, 'rampart serve makes it');
  const documents = webhookConfigurations(askedAbout(snapshot), {
    ...options,
    authority: readFileSync(caCert, 'utf8'),
  });
  if (documents.length === 0)
    throw new UsageError('no policy in force looks at anything that a webhook may be asked about');
  return documents;
}
