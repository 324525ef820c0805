// Entry of the proving process that runs the bundle.
const { dirname } = require('node:path');
const { loadBundle } = require('./load.cjs');

loadBundle(`${dirname(__dirname)}/dist`, 'prover.cjs', () => undefined).answerRequest();
