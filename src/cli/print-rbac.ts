/** What the processes of `rampart serve` print in place of starting: the rights that they need. */
import type { ServiceRole } from '../app/service-role.ts';
import { plain } from '../report/text.ts';
import type { Io } from './io.ts';

/** For commands that take the snapshot in force of `--data`. */
export const PRINT_RBAC_FLAG = {
  type: 'boolean',
  description:
    'Instead of starting, print the ClusterRole that this needs in the cluster by the snapshot in force in the folder of --data.',
} as const;

export function printRole({ text, notes }: ServiceRole, io: Io): number {
  for (const note of notes) io.err.write(`rampart: note: ${plain(note)}\n`);
  io.out.write(text);
  return 0;
}
