/** Whether results of earlier scans serve this one, and where they are. */
import { builtin } from './builtin.ts';
import type { ScanOptions } from './options.ts';
import type { Profiles } from './profiles.ts';
import { type Fresh, openResultCache, type Pack } from './result-cache.ts';
import { resultKey } from './result-key.ts';
import { memoryName, type ScanSetup } from './scanner.ts';
import { sealKey } from './seal.ts';
import { WORTHWHILE } from './threads.ts';

export interface OpenCache {
  readonly pack: Pack;
  /** Keeps what the files came to. */
  keep(fresh: Fresh): void;
}

/** Undefined where nothing is to be kept. A key that could be guessed is a UsageError. */
export function openCache(
  { cache, gate, cwd, paths, cluster }: ScanOptions,
  setup: ScanSetup,
  { sets }: Profiles,
): OpenCache | undefined {
  if (cache?.results === undefined || setup.files.length < WORTHWHILE) return undefined;
  // What a cluster holds stays there. What other tools suppress is asked once, and hangs on whole files.
  if (cluster !== undefined || setup.suppressions !== undefined) return undefined;
  const folder = cache.results();
  const key = sealKey(gate.env, cache.state ?? (() => undefined));
  const results = resultKey(setup, sets, cache.engine);
  if (folder === undefined || key === undefined || results === undefined) return undefined;
  // Scans of other files have packs of their own.
  const { pack, save } = openResultCache(folder, key, JSON.stringify([results, cwd, paths]));
  if (pack.places.size > 0) keepYoungGenerationSmall();
  return {
    pack,
    keep: (fresh) =>
      save(
        setup.files.map((entry) => memoryName(entry, setup)),
        fresh,
      ),
  };
}

/**
 * What was kept is read to be reported, and lives until then: a young generation that grows holds, and copies, what is old
 * already. With 19,000 findings of 10,000 files that is 300 MB instead of 180, and no less time. A scan of everything makes
 * objects that die young, and wants it large.
 */
function keepYoungGenerationSmall(): void {
  builtin('node:v8').setFlagsFromString('--semi-space-growth-factor=1');
}
