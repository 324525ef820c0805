/** Entry of the proving process that runs the sources as they are; bin/prover.cjs is that of the bundle. */
import { answerRequest } from './prover.ts';

answerRequest();
