/** @module Where resources come from: files walked and read, and what is known of their kinds. */

export { type AnswerStream, type AskOptions, type Cluster, connect, type Json } from './cluster/connect.ts';
export { ClusterError } from './cluster/error.ts';
export { type ListOptions, listObjects } from './cluster/list.ts';
export { type Served, type ServedResource, served } from './cluster/resources.ts';
export { getObject } from './cluster/watch/get.ts';
export {
  createInformer,
  type Informer,
  type InformerCounts,
  type InformerOptions,
} from './cluster/watch/informer.ts';
export { placeOf } from './cluster/watch/objects.ts';
export type { Timing } from './cluster/watch/timing.ts';
export { createTurns, type Turns } from './cluster/watch/turns.ts';
export type { WatchedKind } from './cluster/watch/wire.ts';
export {
  type FileEntry,
  KUSTOMIZATION_NAMES,
  type Root,
  type Walk,
  type WalkOptions,
  walk,
} from './files/walk.ts';
export { type GitAddress, isGitAddress, parseGitAddress } from './git/address.ts';
export { commitOf, mergeBase, type NoBase } from './git/base.ts';
export { type Blame, blameLine } from './git/blame.ts';
export { type FileChanges, fileChanges } from './git/changes.ts';
export { checkOut, type LeftOut } from './git/checkout.ts';
export { commitLookup } from './git/commit.ts';
export {
  type Descent,
  type FetchLimits,
  fetchFollowed,
  holdsCommit,
  keepFollowed,
  measureTree,
  openFollowed,
  type TreeLimits,
  withoutPassword,
} from './git/follow.ts';
export { GitError } from './git/git.ts';
export { fetchCommit } from './git/remote.ts';
export { remoteUrls, urlsOfCi } from './git/remotes.ts';
export { findRepository } from './git/repository.ts';
export { GitLimitError } from './git/run.ts';
export { readSignerKeys, type Signature, type SignerKeys, verifyCommit } from './git/signature.ts';
export { remoteTip, type Tip } from './git/tip.ts';
export { listTree, readBlobs } from './git/tree.ts';
export { createDefaults } from './kubernetes/defaults/index.ts';
export { builtInResources, createDiscovery } from './kubernetes/discovery.ts';
export { createSchemas } from './kubernetes/schemas.ts';
export { type Comment, findComments } from './manifests/comments.ts';
export { DEFAULT_LIMITS, type ReadLimits } from './manifests/limits.ts';
export { createLocator, type Locate, type Location, locate } from './manifests/locate.ts';
export { namedKinds } from './manifests/named-kinds.ts';
export { type Manifest, type ManifestOptions, type NotKubernetes, readManifest } from './manifests/read.ts';
export {
  CHECKOV_COMMENTS,
  readCheckovAnnotation,
  readCheckovBaseline,
  readCheckovComment,
} from './suppressions/checkov.ts';
export { readKubeLinterAnnotation } from './suppressions/kube-linter.ts';
export { holdsExceptions, readKubescapeExceptions } from './suppressions/kubescape.ts';
export { asks, isAbout, type Matches } from './suppressions/match.ts';
export {
  isSuppression,
  type Said,
  type Scope,
  type Suppression,
  type SuppressionEntry,
  type SuppressionFile,
} from './suppressions/suppression.ts';
export {
  readTrivyComment,
  readTrivyIgnore,
  readTrivyIgnoreYaml,
  TRIVY_COMMENTS,
} from './suppressions/trivy.ts';
