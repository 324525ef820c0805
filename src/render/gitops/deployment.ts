/** What Argo CD and Flux are told to deploy, and what that comes to in this repository. */
import type { JsonMap, Problem, RenderInput, Resource } from '../../model/index.ts';
import type { Release } from '../helm/release.ts';
import type { Edit } from '../kustomize/build.ts';
import type { Overrides } from '../kustomize/overrides.ts';
import type { Shown } from '../names.ts';
import type { Place } from '../rendering.ts';
import { asText, field } from '../values.ts';

/** An object that decides what is deployed, as it stands or as it was rendered. */
export interface Deployment {
  readonly resource: Resource;
  readonly place: (pointer: string) => Place;
  /** Of one that was rendered: what it would be another object without. */
  readonly inputs?: readonly RenderInput[];
  /** Whether it is of the working tree: only there it can be known what else there is. */
  readonly here: boolean;
}

/** What is known of the surroundings of a deployment. */
export interface Surroundings {
  /** Of the repository; without links. */
  readonly root: string;
  /** URLs that stand for it, as {@link canonicalUrl} has them. */
  readonly urls: ReadonlySet<string>;
  readonly shown: Shown;
  readonly allowNetwork: boolean;
  /** `v1.37`. */
  readonly kubeVersion: string;
  /** Everything that {@link saysWhatIsDeployed}. */
  readonly objects: readonly Deployment[];
  /** Whether files of a folder are scanned as they stand. */
  readonly isScanned: (folder: string) => boolean;
}

/** One thing to render; or why it cannot be. */
export type Work =
  | { readonly kind: 'chart'; readonly folder: string; readonly release: Release }
  | {
      readonly kind: 'kustomization';
      /** What findings say it was built for. */
      readonly environment: string;
      readonly folder: string;
      readonly overrides: Overrides;
      /** Of namespaced objects that name none. */
      readonly namespace: string | undefined;
      readonly edit?: Edit;
      /** What it hangs on, beside the deployment and the kustomization. */
      readonly inputs: readonly RenderInput[];
    }
  | { readonly kind: 'problem'; readonly problem: Problem };

/** Ends the reading of a deployment: it cannot be rendered. */
export class NotDeployable extends Error {
  readonly problem: Problem;
  constructor(problem: Problem) {
    super(problem.detail);
    this.problem = problem;
  }
}

/** `Application argocd/web` */
export function nameOf({ ref }: Resource): string {
  return `${ref.kind} ${[ref.namespace, ref.name].filter((part) => part !== '').join('/')}`;
}

/** Throws NotDeployable. */
export function refuse(
  { resource, place }: Deployment,
  pointer: string,
  detail: string,
  { reason = 'not-rendered', help }: { reason?: Problem['reason']; help?: string } = {},
): never {
  const { file, line, column } = place(pointer);
  throw new NotDeployable({
    reason,
    detail: `${nameOf(resource)} is not rendered: ${detail}`,
    origin: { file, line, column },
    ...(help === undefined ? {} : { help }),
  });
}

export function refuseSource(deployment: Deployment, pointer: string, what: string): never {
  return refuse(deployment, pointer, `source not available: ${what}`, {
    reason: 'source-not-available',
    help: 'only what this repository holds is rendered; name other URLs of it by --repo-url',
  });
}

/** What it hangs on: itself as it is written, or what it was rendered from. */
export function inputsOf({ resource: { origin }, place, inputs }: Deployment): readonly RenderInput[] {
  if (inputs !== undefined) return inputs;
  const { file, line } = place('');
  return [{ file, part: 'object', line: origin.file === file ? origin.line : line }];
}

export function textAt(value: unknown, name: string): string | undefined {
  const text = asText(field(value, name));
  return text === '' ? undefined : text;
}

export function specOf({ resource }: Deployment): JsonMap {
  return (field(resource.object, 'spec') ?? {}) as JsonMap;
}
