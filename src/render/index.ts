/** @module Charts and kustomizations into the objects they deploy, and every field back to where it was written. */
export type { Deployment, Surroundings } from './gitops/deployment.ts';
export { canonicalUrl } from './gitops/repository.ts';
export { planRendering, type RenderOptions, type RenderPlan } from './plan.ts';
export type { Place, RenderedFile, RenderedObject, Rendering } from './rendering.ts';
export { type Limits, RUN_LIMITS } from './run.ts';
