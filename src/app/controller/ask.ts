/** Asks the controller that runs on a data folder; who may read the folder's CA key may look at everything. */
import { readFileSync } from 'node:fs';
import { type Answer, createControllerClient } from '../admission/controller-client.ts';
import type { DataFolder } from '../data-folder.ts';
import { issueClientIdentity } from '../pki/pki.ts';
import { UsageError } from '../usage.ts';
import { CONSOLE } from './names.ts';

/** Where nobody answers it is a UsageError. */
export async function askController(
  data: DataFolder,
  what: 'status' | 'findings',
  query: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const [url, ca] = [textOf(data.controller), textOf(data.caCert)];
  const { cert, key } = await issueClientIdentity(data, { id: CONSOLE, now: new Date() });
  const client = createControllerClient(url.trim(), { cert, key, ca });
  try {
    return await client.get(what, query);
  } catch (error) {
    throw new UsageError(
      `--data: the controller of ${data.path} does not answer: ${error instanceof Error ? error.message : error}`,
      'rampart serve runs one',
    );
  } finally {
    client.close();
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new UsageError(
      `--data: no controller ran here: ${path}: ${(error as NodeJS.ErrnoException).code ?? error}`,
      'rampart serve runs one',
    );
  }
}
