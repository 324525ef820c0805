/** `--context https://…`: fetched once, into a file that is gone when the process ends. */
import { writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { DEFAULT_LIMITS } from '../sources/index.ts';
import type { ScanOptions } from './options.ts';
import { temporaryFolder } from './temporary.ts';
import { UsageError } from './usage.ts';

const PATIENCE_MS = 30_000;

/** The options with files in place of addresses. Throws UsageError for what cannot be fetched. */
export async function withFetched(options: ScanOptions): Promise<ScanOptions> {
  if (!options.context.some(isAddress)) return options;
  const context = await Promise.all(
    options.context.map((source) => (isAddress(source) ? fetched(source) : source)),
  );
  return { ...options, context };
}

function isAddress(source: string): boolean {
  return /^https?:\/\//.test(source);
}

async function fetched(address: string): Promise<string> {
  const wrong = (what: string, hint?: string) =>
    new UsageError(`--context: ${shown(address)}: ${what}`, hint);
  const url = URL.parse(address);
  if (url === null) throw wrong('it is no address');
  const isHere = ['127.0.0.1', '[::1]', 'localhost'].includes(url.hostname);
  if (url.protocol !== 'https:' && !isHere)
    throw wrong('anybody on the way could change it', 'https:// is needed');
  let response: Response;
  try {
    // Somebody else's server must not choose what else is asked.
    response = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(PATIENCE_MS) });
    if (!response.ok) throw new Error(`the server answers ${response.status}`);
    const path = join(temporaryFolder(), basename(url.pathname) || 'context.yaml');
    writeFileSync(path, await bytesOf(response), { flag: 'wx' });
    return path;
  } catch (error) {
    const { message, cause } = error as Error;
    throw wrong(cause instanceof Error ? `${message}: ${cause.message}` : message);
  }
}

async function bytesOf({ body }: Response): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of body ?? []) {
    size += part.length;
    if (size > DEFAULT_LIMITS.fileBytes)
      throw new Error(`it is longer than ${DEFAULT_LIMITS.fileBytes} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts);
}

/** Without what may be secret in it. */
function shown(address: string): string {
  return address.replace(/^(https?:\/\/)[^/@]*@/, '$1').replace(/[?#].*$/s, '');
}
