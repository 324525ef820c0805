import { wrapped } from '../report/page.ts';
import { plain, plainJson } from '../report/text.ts';
import { WEBHOOK_FLAGS } from './admission.ts';
import { type Arguments, command, type Flags } from './command.ts';
import { CATALOGUE_FLAGS } from './flags.ts';
import type { Io } from './io.ts';

const flags = {
  data: WEBHOOK_FLAGS.data,
  cluster: {
    type: 'string',
    hint: 'CONTEXT',
    optional: true,
    description: 'The cluster to look at: a context of the kubeconfig, without CONTEXT the current one.',
  },
  json: CATALOGUE_FLAGS.json,
} as const satisfies Flags;

export const doctorCommand = command({
  name: 'doctor',
  summary: 'says what is not governed',
  description: [
    'Looks at the snapshot in force, certificates, the webhook configurations of the cluster and who answers them; at kinds that ' +
      'policies look at and nobody is asked about, namespaces that are left out, permissions that workers lack, and versions.',
    'Exit codes: 0 nothing is amiss; 1 there are gaps; 2 a mistake; 3 something could not be looked at.',
  ],
  flags,
  examples: [{ line: 'rampart doctor --cluster --data .rampart', says: 'on the machine that serves' }],
  run,
});

const WIDTH = 80;

async function run({ flags: given }: Arguments<typeof flags>, io: Io): Promise<number> {
  const { dataFolder } = await import('../app/data-folder.ts');
  const { gather } = await import('../app/doctor/gather.ts');
  const { diagnose } = await import('../app/doctor/doctor.ts');
  const facts = await gather({ data: dataFolder(given.data), cluster: given.cluster, now: Date.now() });
  const diagnoses = diagnose(facts);
  const count = (state: string) => diagnoses.filter((one) => one.state === state).length;
  if (given.json) io.out.write(`${plainJson({ diagnoses }, 2)}\n`);
  else {
    for (const { state, what, detail, help } of diagnoses) {
      for (const line of wrapped(WIDTH, state.padEnd(8), `${what}: ${plain(detail)}`)) io.out.write(line);
      if (help !== undefined)
        for (const line of wrapped(WIDTH, '        ', `→ ${plain(help)}`)) io.out.write(line);
    }
    io.out.write(`${count('ok')} ok, ${count('gap')} gaps, ${count('unknown')} unknown\n`);
  }
  if (count('gap') > 0) return 1;
  return count('unknown') > 0 ? 3 : 0;
}
