/** `npm run build:ci`: installs what checks deploy/ci apart from the tests, so that its minute is not theirs. */
import { buildTools } from './tools.ts';

await buildTools();
