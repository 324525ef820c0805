/**
 * Rules on Pods are rules on the kinds that make them, too, under names of their own. Source: kyverno pkg/autogen/v1.
 */
import { CRONJOB_TEMPLATE_PATH, TEMPLATE_PATH } from '../kyverno/autogen.ts';
import { parseKind } from './blocks.ts';
import type { BlockSource, BlocksSource, RuleSource } from './shape.ts';

/** A rule as it is read for other kinds. */
export interface RuleReading {
  readonly name: string;
  readonly variant: '' | 'autogen' | 'autogen-cronjob';
  readonly match: BlocksSource;
  readonly exclude: BlocksSource | undefined;
  /** Fields to the Pod's template. */
  readonly path: readonly string[] | null;
}

const KINDS: Readonly<Record<string, string>> = {
  DaemonSet: 'apps/v1/DaemonSet',
  Deployment: 'apps/v1/Deployment',
  Job: 'batch/v1/Job',
  StatefulSet: 'apps/v1/StatefulSet',
  ReplicaSet: 'apps/v1/ReplicaSet',
  ReplicationController: 'v1/ReplicationController',
};
const CRON_JOB = 'CronJob';
const CRON_JOB_KIND = 'batch/v1/CronJob';
const PREFIX = 'autogen-';
const MAX_NAME = 63;

/** @param annotation `pod-policies.kyverno.io/autogen-controllers`: `none`, `all`, or kinds. */
export function readingsOf(rules: readonly RuleSource[], annotation: string | undefined): RuleReading[][] {
  const controllers = canAutogen(rules) ? controllersOf(annotation) : [];
  return rules.map((rule): RuleReading[] => {
    const { name, match, exclude } = rule;
    const own: RuleReading = { name, variant: '', match, exclude, path: null };
    if (controllers.length === 0 || name.startsWith(PREFIX) || !isOnPods(rule)) return [own];
    const kinds = controllers.filter((kind) => kind !== CRON_JOB).map((kind) => KINDS[kind] ?? kind);
    const readings = [own];
    if (kinds.length > 0)
      readings.push({
        name: `${PREFIX}${name}`.slice(0, MAX_NAME),
        variant: 'autogen',
        match: onKinds(match, kinds, containsPod),
        exclude: exclude === undefined ? undefined : onKinds(exclude, kinds, containsPod, true),
        path: TEMPLATE_PATH,
      });
    if (controllers.includes(CRON_JOB))
      readings.push({
        name: `${PREFIX}cronjob-${name}`.slice(0, MAX_NAME),
        variant: 'autogen-cronjob',
        match: onKinds(match, [CRON_JOB_KIND], () => true),
        exclude: exclude === undefined ? undefined : onKinds(exclude, [CRON_JOB_KIND], () => true, true),
        path: CRONJOB_TEMPLATE_PATH,
      });
    return readings;
  });
}

function controllersOf(annotation: string | undefined): string[] {
  if (annotation === 'none') return [];
  if (annotation === undefined || annotation === 'all') return [...Object.keys(KINDS), CRON_JOB];
  return annotation.split(',').filter((kind) => Object.hasOwn(KINDS, kind) || kind === CRON_JOB);
}

/** One rule that names objects, or Pods beside other kinds, keeps all rules of the policy as they are. */
function canAutogen(rules: readonly RuleSource[]): boolean {
  const all = rules.flatMap(({ match, exclude }) => [...blocksOf(match), ...blocksOf(exclude ?? {})]);
  const plain = all.every(({ resources: r = {} }) => {
    const mixed = (r.kinds?.length ?? 0) > 1 && containsPod(r.kinds ?? []);
    const named = (r.name ?? '') !== '' || (r.names?.length ?? 0) > 0;
    return !mixed && !named && r.selector === undefined && r.annotations === undefined;
  });
  const known = ['Pod', CRON_JOB, ...Object.keys(KINDS)];
  return plain && all.some(({ resources }) => resources?.kinds?.some((kind) => known.includes(kind)));
}

function isOnPods({ match, exclude }: RuleSource): boolean {
  const excluded = kindsOf(exclude ?? {});
  return containsPod(kindsOf(match)) && (excluded.length === 0 || containsPod(excluded));
}

function blocksOf(source: BlocksSource): readonly BlockSource[] {
  return [source, ...(source.any ?? []), ...(source.all ?? [])];
}

function kindsOf(source: BlocksSource): string[] {
  return blocksOf(source).flatMap(({ resources }) => resources?.kinds ?? []);
}

function containsPod(kinds: readonly string[]): boolean {
  return kinds.some((kind) => parseKind(kind).kind === 'Pod');
}

/** @param onlyNamed Blocks that name no kind go on naming none. */
function onKinds(
  source: BlocksSource,
  kinds: readonly string[],
  concerns: (kinds: readonly string[]) => boolean,
  onlyNamed = false,
): BlocksSource {
  const change = (block: BlockSource): BlockSource =>
    concerns(block.resources?.kinds ?? []) ? { ...block, resources: { ...block.resources, kinds } } : block;
  if ((source.any?.length ?? 0) > 0) return { ...source, any: source.any!.map(change) };
  if ((source.all?.length ?? 0) > 0) return { ...source, all: source.all!.map(change) };
  if (onlyNamed && (source.resources?.kinds?.length ?? 0) === 0) return source;
  return { ...source, resources: { ...source.resources, kinds } };
}
