/** `npm run bench:start`: from the start of the process to its end, beside a bare Node in the same run. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { median, table, wait } from './measure.ts';

const ROUNDS = 21;
const BIN = join(import.meta.dirname, '..', 'bin', 'rampart.cjs');

const POD = `apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  hostNetwork: true
  containers:
    - name: app
      image: registry.example/web:1
      securityContext: {privileged: true}
`;

const folder = mkdtempSync(join(tmpdir(), 'rampart-bench-'));
try {
  writeFileSync(join(folder, 'pod.yaml'), POD);
  const contenders: [string, string[], number | undefined][] = [
    ['node -e 0', ['-e', '0'], undefined],
    ['rampart --version', [BIN, '--version'], undefined],
    ['rampart scan pod.yaml', [BIN, 'scan', join(folder, 'pod.yaml')], 3],
  ];
  if (existsSync('examples/shop'))
    contenders.push(['rampart scan examples/shop', [BIN, 'scan', 'examples/shop'], 6]);
  // Once each, not counted: what is cached between runs is part of what is measured.
  for (const [, args] of contenders) wait(args);
  const times = contenders.map((): number[] => []);
  for (let round = 0; round < ROUNDS; round++)
    for (const [index, [, args]] of contenders.entries()) times[index]!.push(wait(args));
  const floor = median(times[0]!);
  const rows = contenders.map(([name, , target], index) => {
    const time = median(times[index]!);
    return [
      name,
      `${(time * 1000).toFixed(0)} ms`,
      `${(time / floor).toFixed(2)}`,
      target === undefined ? '' : `<= ${target}`,
    ];
  });
  console.log(`Start to end of the process, median of ${ROUNDS} runs, caches warm.\n`);
  console.log(table(['what', 'time', 'x node -e 0', 'target'], rows));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
