// Where compiled code is kept between runs: a folder that only the user can write. Whoever writes it decides what we
// run, so a shared temporary folder, a folder of someone else, or a link to one is no place for it.
const { lstatSync, mkdirSync } = require('node:fs');
const { homedir } = require('node:os');
const { isAbsolute, join } = require('node:path');

/** The folder, made if it is not there; undefined where there is none that is safe. */
function userCacheFolder(name) {
  return folderIn(cacheHome(), name);
}

/** As {@link userCacheFolder}, for what must not travel with a cache that is saved and restored. */
function userStateFolder() {
  if (process.platform === 'win32') return folderIn(cacheHome(), 'state');
  const configured = process.env.XDG_STATE_HOME;
  if (configured !== undefined && isAbsolute(configured)) return folderIn(configured, 'cache-key');
  const home = homedir();
  return isAbsolute(home) ? folderIn(join(home, '.local', 'state'), 'cache-key') : undefined;
}

function folderIn(base, name) {
  if (base === undefined) return undefined;
  const home = join(base, 'rampart');
  const folder = join(home, name);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    return [home, folder].every(ours) ? folder : undefined;
  } catch {
    return undefined; // read-only home, no home: run without
  }
}

function cacheHome() {
  const configured = process.platform === 'win32' ? process.env.LOCALAPPDATA : process.env.XDG_CACHE_HOME;
  if (configured !== undefined && isAbsolute(configured)) return configured;
  const home = homedir();
  return isAbsolute(home) ? join(home, '.cache') : undefined;
}

function ours(folder) {
  const stat = lstatSync(folder);
  if (!stat.isDirectory()) return false;
  if (process.platform === 'win32') return true; // %LOCALAPPDATA% is the user's own by its access list
  return stat.uid === process.getuid() && (stat.mode & 0o022) === 0;
}

module.exports = { userCacheFolder, userStateFolder };
