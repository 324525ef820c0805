/** For the command line, which may not reach into `policy`. */
export { nearest } from '../policy/nearest.ts';
