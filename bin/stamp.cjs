// What files look like, without reading them: a line for each. What was made of them is used while this stays the same.
const { readdirSync, readFileSync, statSync } = require('node:fs');

/** Of src/, without the tests. */
function sourceStamp(folder) {
  return stampOf(folder, '', (name) => name.endsWith('.ts') && !name.endsWith('.test.ts'));
}

/** Of library/policies, without the cases beside the policies. */
function libraryStamp(folder) {
  return stampOf(folder, '', () => true);
}

function stampOf(folder, above, counts) {
  let stamp = '';
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const { name } = entry;
    const path = `${folder}/${name}`;
    if (entry.isDirectory()) {
      if (name !== 'pass' && name !== 'fail') stamp += stampOf(path, `${above}${name}/`, counts);
    } else if (counts(name)) {
      const { size, mtimeMs } = statSync(path);
      stamp += `${above}${name} ${size} ${mtimeMs}\n`;
    }
  }
  return stamp;
}

/** The stamp that something was made with; undefined when it was not made, or not to its end. */
function keptStamp(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

module.exports = { keptStamp, libraryStamp, sourceStamp };
