// Entry of a helper thread of the admission that runs the bundle.
const { dirname } = require('node:path');
const { loadBundle } = require('./load.cjs');

loadBundle(`${dirname(__dirname)}/dist`, 'slow.cjs', () => undefined).help();
