import { readFileSync } from 'node:fs';
import { UsageError } from '../../usage.ts';

const MOST_BYTES = 4096;

/** The secret of a file, without the line end that editors and `echo` leave. Throws UsageError. */
export function readPushSecret(path: string): string {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? error;
    throw new UsageError(`follow.webhookSecretFile: ${path}: ${code}`);
  }
  if (text.length > MOST_BYTES)
    throw new UsageError(`follow.webhookSecretFile: ${path}: more than ${MOST_BYTES} characters`);
  return text.replace(/\r?\n$/, '');
}
