// Loads dist/*.cjs together with V8's compiled code of them. That was taken after scans had run (scripts/bundle.js), so it
// also has the functions that V8 compiles when they are first called, which Node's own cache of compiled code leaves out.
const { existsSync, mkdirSync, readFileSync, writeFileSync } = require('node:fs');
const { Script } = require('node:vm');

/** Compiled code is good for one version of V8 on one kind of processor. */
function codeFolder(dist) {
  return `${dist}/code-${process.version}-${process.arch}`;
}

/**
 * A file of the bundle, run. Where the bundle was made by another Node than this, its own cache of compiled code is next
 * best; `cacheFolder` says where.
 */
function loadBundle(dist, name, cacheFolder) {
  if (existsSync(codeFolder(dist))) return bundleLoader(dist).load(name);
  enableCodeCache(cacheFolder());
  return require(`${dist}/${name}`);
}

function enableCodeCache(folder) {
  if (folder !== undefined) require('node:module').enableCompileCache(folder);
}

/** `require` for the files of the bundle; others go to Node's. */
function bundleLoader(dist) {
  const modules = new Map();
  const scripts = new Map();

  function load(name) {
    const known = modules.get(name);
    if (known !== undefined) return known.exports;
    const path = `${dist}/${name}`;
    // V8 takes compiled code for that of any source of the same length: both were written together, and are replaced
    // together. What it does not take, for another version or other flags, it compiles.
    const script = new Script(wrapped(readFileSync(path, 'utf8')), {
      filename: path,
      cachedData: codeOf(name),
    });
    scripts.set(name, script);
    const module = { exports: {} };
    modules.set(name, module);
    script.runInThisContext()(module.exports, requireFrom, module, path, dist);
    return module.exports;
  }

  function requireFrom(request) {
    if (request.startsWith('./')) return load(request.slice(2));
    return request.startsWith(`${dist}/`) ? load(request.slice(dist.length + 1)) : require(request);
  }

  function codeOf(name) {
    try {
      return readFileSync(`${codeFolder(dist)}/${name}.bin`);
    } catch {
      return undefined;
    }
  }

  /** Keeps the code of everything that was loaded and called. */
  function save() {
    mkdirSync(codeFolder(dist), { recursive: true });
    for (const [name, script] of scripts)
      writeFileSync(`${codeFolder(dist)}/${name}.bin`, script.createCachedData());
  }

  return { load, save };
}

/** What Node puts around a CommonJS module. */
function wrapped(source) {
  return `(function (exports, require, module, __filename, __dirname) {${source}\n})`;
}

module.exports = { bundleLoader, enableCodeCache, loadBundle };
