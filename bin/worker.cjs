// Entry of a helper thread that runs the bundle.
const { dirname } = require('node:path');
const { workerData } = require('node:worker_threads');
const { loadBundle } = require('./load.cjs');

loadBundle(`${dirname(__dirname)}/dist`, 'helper.cjs', () => workerData.codeCache).help();
