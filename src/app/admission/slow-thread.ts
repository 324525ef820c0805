/** Entry of a helper thread that runs the sources as they are; bin/slow.cjs is that of the bundle. */
import { help } from './slow.ts';

help();
