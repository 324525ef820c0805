/**
 * The background scan: looks at what exists by the snapshot in force, again when an object changes, when the snapshot does, and
 * when something changed that policies look up. Paced, so that whoever shares the machine has the rest of it.
 */
import { hash } from 'node:crypto';
import { isExpired } from '../../decision/index.ts';
import { type BackgroundGate, createBackgroundGate, type Judgement, MOST_LOOKS } from '../../gates/index.ts';
import type { Change, LiveFinding, LiveRef, Resource, UnlistedKind } from '../../model/index.ts';
import { isKyverno } from '../../policy/form.ts';
import { apiCalls, type CompiledPolicy, parseApiVersion } from '../../policy/index.ts';
import { decidingSnapshot, enforcedSet } from '../admission/deciding.ts';
import type { Taking } from '../admission/follow-snapshots.ts';
import type { Log } from '../admission/worker.ts';
import { isHistory } from '../cluster/owners.ts';
import { NAMESPACES } from '../environment/sources.ts';
import type { CompiledSnapshot } from '../snapshot/compile.ts';
import { createDenominator } from './denominator.ts';
import { type BackgroundEnvironment, isOfKind, kindName, type OpenSurroundings } from './environment.ts';
import type { Outbox } from './outbox.ts';
import { createWorkQueue, objectKey } from './queue.ts';
import { type Affected, type AffectedSet, affectedBy, createAffectedSet, lookersIn } from './relations.ts';

/** Who hears what is found. */
export type Told = Pick<Outbox, 'observed' | 'gone' | 'flush' | 'hasRoom'> & {
  /** Everything that exists was looked at, but for these kinds. */
  complete(unlisted: readonly UnlistedKind[]): void;
};

export interface BackgroundOptions {
  readonly environment: BackgroundEnvironment;
  readonly outbox: Told;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly log: Log;
  readonly pace?: Partial<Pace>;
}

/** Milliseconds, but for `share`. */
export interface Pace {
  /** Work between two turns of the event loop. */
  readonly work: number;
  /** Of one core, at most: above 0, up to 1. */
  readonly share: number;
  /** After a change of something that policies look up, others may follow. */
  readonly settle: number;
  /** What is looked up has so long to be listed; after that objects are looked at without. */
  readonly sync: number;
  /** What did not change is said again this often. */
  readonly repeat: number;
  /** What policies ask the API server for is not watched: objects for which they may ask are looked at again this often. */
  readonly asked: number;
  /** Exemptions and exceptions end without anybody changing anything: it is looked so often whether one did. */
  readonly expiry: number;
}

const PACE: Pace = {
  work: 20,
  share: 0.5,
  settle: 1_000,
  sync: 30_000,
  repeat: 600_000,
  asked: 600_000,
  expiry: 10_000,
};
const IDLE_MS = 50;

export interface Background {
  /** For the follower of snapshots. */
  prepare(compiled: CompiledSnapshot): Taking;
  /** Says everything again: whoever was told has forgotten it. */
  sayAgain(): void;
  /** Namespaces whose objects change without anybody being asked: each is a finding itself. */
  noteUnasked(namespaces: readonly string[]): void;
  /** How many objects each policy looks at, by id. */
  looked(): Record<string, number>;
  /** Kinds that policies look at and nobody may list. */
  unlisted(): readonly UnlistedKind[];
  /** Objects that wait to be looked at. */
  readonly waiting: number;
  /** Resolves when all that exists was looked at by the snapshot in force, and the controller told so. */
  pass(): Promise<void>;
  close(): void;
}

interface InForce {
  readonly compiled: CompiledSnapshot;
  readonly around: OpenSurroundings;
  readonly gate: BackgroundGate;
  readonly affected: (change: Change) => readonly Affected[];
  /** Ids of policies that may look up others for it. */
  readonly lookers: (resource: Resource) => readonly string[];
  /** Ids of policies that may ask the API server for objects. */
  readonly asking: ReadonlySet<string>;
  /** By the monotonic clock. */
  readonly since: number;
}

interface Seen {
  readonly resource: Resource;
  readonly ref: LiveRef;
  /** Of what was said of it. */
  readonly digest: string;
  /** Milliseconds since 1970. */
  readonly saidAt: number;
}

export function createBackground(options: BackgroundOptions): Background {
  const { environment, outbox, now, log } = options;
  const pace = { ...PACE, ...options.pace };
  const { live } = environment;
  const queue = createWorkQueue();
  const denominator = createDenominator();
  const seen = new Map<string, Seen>();
  /** Objects that a policy looked at which may ask the API server for others. */
  const askers = new Map<string, Resource>();
  const waitingForPass = new Set<() => void>();
  let inForce: InForce | undefined;
  /** Whether all that exists was looked at by the snapshot in force. */
  let passed = false;
  /** Whether anything was looked at by it: until then whatever changes is looked at anyway. */
  let begun = false;
  let closed = false;
  /** Details of what was not known when all else was looked at. */
  let withheld = '';
  let related: Related | undefined;
  let unasked: ReadonlySet<string> = new Set();

  const stopListening = live.onChange((change) => {
    const { resource } = change;
    if (change.type === 'put') queue.add(resource, 'changed');
    else {
      queue.remove(resource);
      leave(objectKey(resource));
    }
    if (inForce !== undefined && begun) noteRelated(inForce.affected(change));
  });

  /** Others may follow: all whom they concern are looked at once. */
  function noteRelated(affected: readonly Affected[]): void {
    if (affected.length === 0) return;
    related ??= { to: createAffectedSet(), timer: setTimeout(lookAtRelated, pace.settle) };
    for (const one of affected) related.to.add(one);
  }

  function lookAtRelated(): void {
    const { to } = related!;
    related = undefined;
    for (const resource of judged())
      if (to.has(resource.ref.namespace, inForce!.lookers(resource))) queue.add(resource, 'again');
  }

  function* judged(): Generator<Resource> {
    for (const kind of inForce?.around.judged() ?? []) yield* live.list(kind);
  }

  function leave(key: string, unlooked?: true): void {
    const known = seen.get(key);
    if (known === undefined) return;
    queue.remove(known.resource);
    seen.delete(key);
    askers.delete(key);
    denominator.delete(key);
    outbox.gone({ resource: known.ref, time: now(), ...(unlooked && { unlooked }) });
  }

  /** What went while nobody listened, or is of a kind that nobody looks at any more. */
  function leaveUnjudged({ around }: InForce): void {
    const names = new Set(around.judged().map(kindName));
    for (const [key, { resource }] of seen) {
      const { apiVersion, kind, namespace, name } = resource.ref;
      const of = { ...parseApiVersion(apiVersion), kind };
      if (!isOfKind(names, apiVersion, kind)) leave(key, true);
      else if (live.state(of).synced && live.get(of, namespace, name) === undefined && !environment.placed)
        leave(key);
    }
  }

  function look(resource: Resource, current: InForce): void | Promise<void> {
    const { gate } = current;
    if (isHistory(resource.object)) return note(resource, gate.pass(resource), current);
    const judgement = gate.judge(resource);
    const asking = environment.askFor();
    if (asking === undefined) return note(resource, judgement, current);
    return lookAgain(resource, judgement, current, asking);
  }

  /** With what policies asked for, which may lead to more questions. */
  async function lookAgain(
    resource: Resource,
    first: Judgement,
    current: InForce,
    asking: Promise<void> | undefined,
  ): Promise<void> {
    let judgement = first;
    let looks = 1;
    for (let next = asking; next !== undefined; looks++, next = environment.askFor()) {
      await next;
      // Whatever changed, or is gone, or is to be judged by another snapshot, is in the queue, or nowhere any more.
      if (closed || inForce !== current || !isCurrent(resource)) return;
      if (looks === MOST_LOOKS) break;
      judgement = current.gate.judge(resource);
    }
    note(resource, judgement, current);
  }

  function isCurrent({ ref: { apiVersion, kind, namespace, name }, object }: Resource): boolean {
    return live.get({ ...parseApiVersion(apiVersion), kind }, namespace, name)?.object === object;
  }

  function note(
    resource: Resource,
    { observation: judged, looked }: Judgement,
    { around, asking }: InForce,
  ): void {
    const key = objectKey(resource);
    denominator.set(key, looked);
    const change = around.changeOf(resource);
    const isUnasked = resource.ref.kind === 'Namespace' && unasked.has(resource.ref.name);
    const findings = isUnasked ? [...judged.findings, UNASKED] : judged.findings;
    const observation = { ...judged, findings, ...(change && { change }) };
    const { snapshot, owner, time } = observation;
    const digest = hash('sha256', JSON.stringify([findings, snapshot, owner, change, judged.resource.uid]));
    const before = seen.get(key);
    const isKnown = before?.digest === digest && time - before.saidAt < pace.repeat;
    seen.set(key, { resource, ref: observation.resource, digest, saidAt: isKnown ? before.saidAt : time });
    if (looked.some((id) => asking.has(id))) askers.set(key, resource);
    else askers.delete(key);
    if (!isKnown) outbox.observed(observation);
  }

  /** A slice of the work. */
  async function work(current: InForce): Promise<void> {
    begun = true;
    const names = new Set(current.around.judged().map(kindName));
    for (const until = performance.now() + pace.work; performance.now() < until && outbox.hasRoom; ) {
      if (inForce !== current) return;
      const resource = queue.next();
      if (resource === undefined) return;
      const { apiVersion, kind } = resource.ref;
      if (!isOfKind(names, apiVersion, kind)) continue;
      try {
        const looking = look(resource, current);
        if (looking !== undefined) await looking;
      } catch (error) {
        // One object harms no other.
        log('an object could not be looked at', { object: objectKey(resource), detail: String(error) });
      }
    }
  }

  /** Before that, what is looked up would seem to be missing. */
  function mayBegin({ around, since }: InForce): boolean {
    return around.ready() === true || performance.now() - since > pace.sync;
  }

  async function finishPass(current: InForce): Promise<void> {
    passed = true;
    const unlisted = current.around.forbidden();
    tellUnlisted(unlisted);
    outbox.complete(unlisted);
    await outbox.flush();
    if (inForce !== current || !passed) return;
    const ms = Math.round(performance.now() - current.since);
    log('all objects looked at', { digest: current.compiled.digest, objects: seen.size, ms });
    for (const tell of waitingForPass) tell();
    waitingForPass.clear();
  }

  /** Each time they are others than before. */
  function tellUnlisted(unlisted: readonly UnlistedKind[]): void {
    const now = detailsOf(unlisted);
    if (now !== withheld)
      for (const { kind, group, detail } of unlisted)
        log('a kind may not be listed: nothing is known of it', { kind, group, detail });
    withheld = now;
  }

  async function run(): Promise<void> {
    while (!closed) {
      const current = inForce;
      const began = performance.now();
      if (current !== undefined && mayBegin(current)) {
        // Whoever may list more, or less, than before has another answer to give.
        if (passed && detailsOf(current.around.forbidden()) !== withheld) passed = false;
        if (queue.size > 0) await work(current);
        else if (!passed && current.around.ready() === true) await finishPass(current);
      }
      const took = performance.now() - began;
      const isBusy = queue.size > 0 && outbox.hasRoom && current !== undefined && mayBegin(current);
      await pause(isBusy ? took * (1 / pace.share - 1) : IDLE_MS);
    }
  }

  function lookAtAll(): void {
    passed = false;
    begun = false;
    for (const resource of judged()) queue.add(resource, 'again');
  }

  function open(compiled: CompiledSnapshot): Taking {
    const around = environment.open(compiled);
    const set = enforcedSet(compiled);
    const { context } = around;
    const gate = createBackgroundGate({
      snapshot: decidingSnapshot(compiled, set, { ...context, now }),
      namespaceLabels: environment.namespaceLabels,
      refOf: ({ ref }) => {
        const { namespaced } = context.discovery.ofKind(ref.apiVersion, ref.kind, ref.namespace);
        return {
          ...ref,
          namespace: namespaced ? ref.namespace || (context.defaultNamespace ?? 'default') : '',
        };
      },
      placed: environment.placed,
      now,
    });
    return {
      take() {
        inForce?.around.close();
        inForce = {
          compiled,
          around,
          gate,
          affected: affectedBy(set.policies),
          asking: askingAmong(set.policies),
          lookers: lookersIn(set, compiled.podPaths, context.discovery),
          since: performance.now(),
        };
        leaveUnjudged(inForce);
        lookAtAll();
      },
      drop: () => around.close(),
    };
  }

  const stopReopening = environment.onChange(() => {
    if (inForce !== undefined && !closed) open(inForce.compiled).take();
  });
  let expired = 0;
  const expiry = setInterval(() => {
    const over = inForce === undefined ? 0 : endedIn(inForce.compiled, now());
    if (over !== expired) for (const resource of judged()) queue.add(resource, 'again');
    expired = over;
  }, pace.expiry).unref();
  const askAgain = setInterval(() => {
    for (const resource of askers.values()) queue.add(resource, 'again');
  }, pace.asked).unref();
  const running = run();
  running.catch((error: unknown) => log('the background scan ended', { detail: String(error) }));

  return {
    prepare: open,
    sayAgain() {
      for (const [key, known] of seen) seen.set(key, { ...known, digest: '' });
      lookAtAll();
    },
    noteUnasked(namespaces) {
      const now = new Set(namespaces);
      for (const name of now.symmetricDifference(unasked)) {
        const namespace = live.get(NAMESPACES, '', name);
        if (namespace !== undefined) queue.add(namespace, 'changed');
      }
      unasked = now;
    },
    looked: denominator.counts,
    unlisted: () => inForce?.around.forbidden() ?? [],
    get waiting() {
      return queue.size;
    },
    pass: () => (passed ? Promise.resolve() : new Promise((resolve) => waitingForPass.add(resolve))),
    close() {
      closed = true;
      clearTimeout(related?.timer);
      clearInterval(expiry);
      clearInterval(askAgain);
      stopReopening();
      stopListening();
      inForce?.around.close();
    },
  };
}

/** Of a Namespace. */
const UNASKED: LiveFinding = {
  policy: 'rampart/gate',
  validation: 'unasked',
  severity: 'medium',
  verdict: 'violation',
  action: 'audit',
  reason: 'gate',
  detail:
    'objects in it change, and no admission worker is asked about any change: no webhook covers it, or none is reached ' +
    '(rampart doctor says which)',
  stage: 'audit',
  effect: 'audit',
};

interface Related {
  readonly to: AffectedSet;
  readonly timer: NodeJS.Timeout;
}

function askingAmong(policies: readonly CompiledPolicy[]): ReadonlySet<string> {
  const asking = policies.filter((policy) => {
    if (!isKyverno(policy.dialect)) return false;
    const { reads, computed } = apiCalls([policy]);
    return reads.length > 0 || computed.length > 0;
  });
  return new Set(asking.map(({ id }) => id));
}

/** How many exemptions and exceptions are over. */
function endedIn({ exemptions, set, observed }: CompiledSnapshot, now: number): number {
  const ends = [...set.policies, ...observed.policies].flatMap(({ exceptions }) =>
    exceptions.flatMap(({ expires }) => expires ?? []),
  );
  return exemptions.filter((one) => isExpired(one, now)).length + ends.filter((end) => now > end).length;
}

function detailsOf(unlisted: readonly UnlistedKind[]): string {
  return unlisted.map(({ group, kind, detail }) => `${group} ${kind} ${detail}`).join('\n');
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
