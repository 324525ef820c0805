/**
 * `npm run interop:peers`: asks checkov, Trivy and Kubescape about the cases, writes what they say to recorded.json, and prints
 * how it agrees with what the library says. It needs Go, and checkov in an environment of Python whose python
 * CHECKOV_PYTHON names:
 *
 *     python3 -m venv ENV && ENV/bin/pip install checkov==3.3.30
 *     CHECKOV_PYTHON=ENV/bin/python npm run interop:peers
 *
 * With `-- CHECK …` it prints, of those checks, the objects that they and the library differ on.
 */
import { type Agreement, compare, figuresOf, textOf } from './agreement.ts';
import { type Case, comparedCases } from './cases.ts';
import { claims, ourReports, type Reported } from './ours.ts';
import { lineOf, type RecordedPeer, writeRecorded } from './recorded.ts';
import { PEERS, type Peer } from './theirs.ts';

const wanted = new Set(process.argv.slice(2));
const cases = comparedCases();
const ours = ourReports(cases);
const theirs: Set<string>[][] = cases.map(({ objects }) => objects.map(() => new Set<string>()));
const peers: RecordedPeer[] = [];

for (const peer of PEERS) {
  const checks = [...claims().keys()]
    .filter((check) => peer.checks.test(check) && !peer.unasked.has(check))
    .sort();
  await ask(peer, checks);
  peers.push({ name: peer.name, release: peer.release, checks });
  const agreements = checks.map((check) =>
    compare({ check, by: claims().get(check) ?? [] }, cases, ours, theirs),
  );
  for (const agreement of agreements) print(agreement);
  process.stdout.write(`${textOf(peer.release, figuresOf(agreements))}\n\n`);
}
const all = peers.flatMap(({ checks }) => checks);
writeRecorded({
  peers,
  cases: Object.fromEntries(
    cases.map((each, at) => [each.name, lineOf(each, theirs[at] as Reported[], all)]),
  ),
});

async function ask(peer: Peer, checks: readonly string[]): Promise<void> {
  for (const [at, objects] of (await peer.ask(cases, checks)).entries())
    for (const [of, reported] of objects.entries())
      for (const check of reported) if (checks.includes(check)) theirs[at]?.[of]?.add(check);
}

function print({ check, by, both, ours, theirs }: Agreement): void {
  const made = (objects: readonly string[]) => objects.filter((object) => object.startsWith('made-')).length;
  const figures = `both ${both.length}, ours alone ${ours.length} (${made(ours)} made), theirs alone ${theirs.length} (${made(theirs)} made)`;
  process.stdout.write(`${check} ${by.join(' ')}: ${figures}\n`);
  if (!wanted.has(check)) return;
  for (const [who, objects] of [
    ['ours', ours],
    ['theirs', theirs],
  ] as const)
    for (const object of objects)
      process.stdout.write(`  ${who} alone: ${object} ${JSON.stringify(objectOf(object))}\n`);
}

function objectOf(name: string): unknown {
  const [of, at = '0'] = name.split('/');
  return (cases.find((each) => each.name === of) as Case).objects[Number(at)];
}
