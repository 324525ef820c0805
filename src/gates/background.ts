/**
 * The background gate: an object that exists in, what is to be said of it out. Nothing is denied or changed; the stage says
 * what would become of the object if somebody made it now.
 */
import { decide } from '../decision/index.ts';
import type {
  Finding,
  JsonMap,
  LiveFinding,
  LiveRef,
  Observation,
  Outcome,
  Resource,
  ResourceRef,
} from '../model/index.ts';
import { type CompiledPolicy, type Follower, startStopwatch } from '../policy/index.ts';
import { circumstancesOf } from './circumstances.ts';
import type { DecidingSnapshot } from './deciding.ts';
import { unfinishedFinding } from './unfinished.ts';

export interface BackgroundGateOptions {
  readonly snapshot: DecidingSnapshot;
  /** Of a namespace; null where they are not known. */
  readonly namespaceLabels: (namespace: string) => JsonMap | null;
  /** How the object is named: files may leave out its namespace. */
  readonly refOf: (resource: Resource) => ResourceRef;
  /** Whether objects stand in files, which people find by their lines. */
  readonly placed: boolean;
  /** Milliseconds for which one object may hold the thread. Default 2 s. */
  readonly holdMs?: number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export interface Judgement {
  readonly observation: Observation;
  /** Ids of the policies that looked at it, whatever they said. */
  readonly looked: readonly string[];
}

export interface BackgroundGate {
  judge(resource: Resource): Judgement;
  /** Of an object that no policy has anything to say of, such as the history of a Deployment. */
  pass(resource: Resource): Judgement;
}

const HOLD_MS = 2_000;
const MOST_DETAIL = 1_024;

export function createBackgroundGate(options: BackgroundGateOptions): BackgroundGate {
  const { snapshot, refOf, placed, holdMs = HOLD_MS, now } = options;

  function judgement(resource: Resource, found: readonly Finding[], looked: readonly string[]): Judgement {
    const ref = refOf(resource);
    const { outcomes } = decide(found, circumstancesOf(snapshot, ref, resource.object, options));
    const findings = outcomes.flatMap((outcome) => liveFinding(outcome, resource, placed));
    const owner = controllerOf(resource);
    return {
      looked,
      observation: {
        resource: liveRefOf(ref, resource),
        findings,
        policies: looked.length,
        time: now(),
        snapshot: snapshot.digest,
        ...(owner === undefined ? {} : { owner }),
      },
    };
  }

  return {
    pass: (resource) => judgement(resource, [], []),
    judge(resource) {
      const looked = new Set<string>();
      const unfinished: CompiledPolicy[] = [];
      const follower: Follower = {
        unknown: 'skip',
        deadline: startStopwatch(holdMs),
        passed: ({ id }) => looked.add(id),
        skipped: () => {},
        unfinished: (policy) => unfinished.push(policy),
        annotated: () => {},
      };
      const found = snapshot.evaluator.scan(resource, follower);
      const rest = unfinished.map((policy) =>
        unfinishedFinding(policy, { ref: refOf(resource) }, 'it took longer than an object may take'),
      );
      const all = [...found, ...rest];
      for (const { policy, verdict } of all) if (policy !== null && verdict !== 'skip') looked.add(policy);
      return judgement(resource, all, [...looked]);
    },
  };
}

export function liveRefOf(ref: ResourceRef, { object }: Resource): LiveRef {
  const { uid } = metadataOf(object);
  return { ...ref, uid: typeof uid === 'string' ? uid : '' };
}

/** What waits for a user or the network is answered at admission: of an object that exists it says nothing. */
function liveFinding(outcome: Outcome, { origin }: Resource, placed: boolean): LiveFinding[] {
  const { policy, validation = '', severity, verdict, action, reason, detail, path, stage, effect } = outcome;
  if (policy === null || verdict === 'skip' || verdict === 'pass') return [];
  return [
    {
      policy,
      validation,
      severity,
      verdict,
      action,
      reason,
      detail: detail.length <= MOST_DETAIL ? detail : `${detail.slice(0, MOST_DETAIL).toWellFormed()}…`,
      stage,
      effect,
      ...(path === undefined ? {} : { path }),
      ...(placed ? { origin: { file: origin.file, line: origin.line } } : {}),
    },
  ];
}

interface Metadata {
  readonly uid?: unknown;
  readonly labels?: unknown;
  readonly ownerReferences?: unknown;
}

function metadataOf(object: JsonMap): Metadata {
  return (object['metadata'] ?? {}) as Metadata;
}

function controllerOf({ object }: Resource): string | undefined {
  const { ownerReferences } = metadataOf(object);
  if (!Array.isArray(ownerReferences)) return undefined;
  const owners = ownerReferences as { readonly uid?: unknown; readonly controller?: unknown }[];
  const uid = owners.find(({ controller }) => controller === true)?.uid;
  return typeof uid === 'string' ? uid : undefined;
}
